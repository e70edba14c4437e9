/* Sees each system call of a process that changes a file below some folders, and sends
   the process a signal right after the one of a given number.

   A filter (seccomp) turns these calls into SIGSYS, whoever makes them: Python,
   TensorFlow's C++, or the C library for either. The handler makes the call in place of
   its caller, from `trusted_call`, which the filter lets through. Linux on x86-64. */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#if !defined(__x86_64__) || !defined(__linux__)
#error "made for Linux on x86-64"
#endif

#define FOLDERS 4
#define LENGTH 4096

extern const char trusted_return[];

/* An ordinary system call; result or -errno. */
__attribute__((noinline, noclone)) static long trusted_call(
    long number, long a, long b, long c, long d, long e, long f) {
  long result;
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  __asm__ volatile(
      "syscall\n"
      ".globl trusted_return\n.hidden trusted_return\ntrusted_return:\n"
      : "=a"(result)
      : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
      : "rcx", "r11", "memory");
  return result;
}

enum kind { FD, PATH, AT_PATH, TWO_PATHS, TWO_AT_PATHS, LINK_PATH, LINK_AT_PATH };

static const struct {
  int number;
  enum kind kind;
  const char *name;
} CALLS[] = {
    {SYS_write, FD, "write"},
    {SYS_writev, FD, "writev"},
    {SYS_pwrite64, FD, "pwrite64"},
    {SYS_pwritev, FD, "pwritev"},
    {SYS_ftruncate, FD, "ftruncate"},
    {SYS_fallocate, FD, "fallocate"},
    {SYS_sendfile, FD, "sendfile"},
    {SYS_copy_file_range, FD, "copy_file_range"},
    {SYS_fchmod, FD, "fchmod"},
    {SYS_open, PATH, "open"},
    {SYS_creat, PATH, "creat"},
    {SYS_openat, AT_PATH, "openat"},
    {SYS_truncate, PATH, "truncate"},
    {SYS_mkdir, PATH, "mkdir"},
    {SYS_mkdirat, AT_PATH, "mkdirat"},
    {SYS_rmdir, PATH, "rmdir"},
    {SYS_unlink, PATH, "unlink"},
    {SYS_unlinkat, AT_PATH, "unlinkat"},
    {SYS_chmod, PATH, "chmod"},
    {SYS_fchmodat, AT_PATH, "fchmodat"},
    {SYS_rename, TWO_PATHS, "rename"},
    {SYS_renameat, TWO_AT_PATHS, "renameat"},
    {SYS_renameat2, TWO_AT_PATHS, "renameat2"},
    {SYS_link, TWO_PATHS, "link"},
    {SYS_linkat, TWO_AT_PATHS, "linkat"},
    {SYS_symlink, LINK_PATH, "symlink"},
    {SYS_symlinkat, LINK_AT_PATH, "symlinkat"},
};
#define COUNT (int)(sizeof(CALLS) / sizeof(CALLS[0]))

static char folders[FOLDERS][LENGTH];
static int folder_count, signal_number, log_fd = -1;
static long due, seen;

static int is_below(const char *path) {
  for (int i = 0; i < folder_count; i++) {
    size_t length = strlen(folders[i]);
    if (!strncmp(path, folders[i], length) &&
        (path[length] == '/' || path[length] == 0))
      return 1;
  }
  return 0;
}

static void path_of_fd(int fd, char *path) {
  char link[64];
  if (fd == AT_FDCWD)
    strcpy(link, "/proc/self/cwd");
  else
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  long length = trusted_call(
      SYS_readlink, (long)link, (long)path, LENGTH - 1, 0, 0, 0);
  path[length < 0 ? 0 : length] = 0;
}

static void absolute(int fd, const char *name, char *path) {
  size_t length = 0;
  if (!name) name = "";
  if (name[0] != '/') {
    path_of_fd(fd, path);
    length = strlen(path);
    path[length++] = '/';
  }
  snprintf(path + length, LENGTH - length, "%s", name);
}

/* Whether the call is about a file below the folders; `path` becomes its name. */
static int concerns(int call, const long *a, char *path) {
  char other[LENGTH] = "";
  path[0] = 0;
  switch (CALLS[call].kind) {
    case FD:
      path_of_fd(CALLS[call].number == SYS_copy_file_range ? a[2] : a[0], path);
      break;
    case PATH:
      absolute(AT_FDCWD, (const char *)a[0], path);
      break;
    case AT_PATH:
      absolute(a[0], (const char *)a[1], path);
      break;
    case TWO_PATHS:
      absolute(AT_FDCWD, (const char *)a[0], other);
      absolute(AT_FDCWD, (const char *)a[1], path);
      break;
    case TWO_AT_PATHS:
      absolute(a[0], (const char *)a[1], other);
      absolute(a[2], (const char *)a[3], path);
      break;
    case LINK_PATH:
      absolute(AT_FDCWD, (const char *)a[1], path);
      break;
    case LINK_AT_PATH:
      absolute(a[1], (const char *)a[2], path);
      break;
  }
  return is_below(path) || is_below(other);
}

static void note(long number, const char *name, const char *path) {
  char line[LENGTH + 64];
  int length = snprintf(line, sizeof line, "%ld %s %s\n", number, name, path);
  if (log_fd >= 0) trusted_call(SYS_write, log_fd, (long)line, length, 0, 0, 0);
}

/* Whether a call of kind FD that returns 0 has changed the file: others wrote nothing. */
static int may_return_zero(long number) {
  return number == SYS_ftruncate || number == SYS_fallocate || number == SYS_fchmod;
}

static void on_call(int signum, siginfo_t *info, void *context) {
  (void)signum;
  int saved_errno = errno;
  greg_t *r = ((ucontext_t *)context)->uc_mcontext.gregs;
  long number = info->si_syscall;
  long a[6] = {r[REG_RDI], r[REG_RSI], r[REG_RDX], r[REG_R10], r[REG_R8], r[REG_R9]};
  char path[LENGTH];
  int call = 0;
  while (call < COUNT && CALLS[call].number != number) call++;
  /* Before the call: a file descriptor's path is another after a rename. */
  int counts = call < COUNT && concerns(call, a, path);
  long result = trusted_call(number, a[0], a[1], a[2], a[3], a[4], a[5]);
  if (counts && (result > 0 || (result == 0 && CALLS[call].kind != FD) ||
                 (result == 0 && may_return_zero(number)))) {
    long mine = __atomic_add_fetch(&seen, 1, __ATOMIC_SEQ_CST);
    note(mine, CALLS[call].name, path);
    if (mine == due)
      trusted_call(SYS_kill, getpid(), signal_number, 0, 0, 0, 0);
  }
  r[REG_RAX] = result;
  errno = saved_errno;
}

static int add(struct sock_filter *code, int n, int op, unsigned k, int t, int f) {
  code[n] = (struct sock_filter){(unsigned short)op, (unsigned char)t,
                                 (unsigned char)f, k};
  return n + 1;
}

#define LOAD(field) (BPF_LD | BPF_W | BPF_ABS), offsetof(struct seccomp_data, field)
#define EQUAL (BPF_JMP | BPF_JEQ | BPF_K)
#define ANY (BPF_JMP | BPF_JSET | BPF_K)
#define RETURN (BPF_RET | BPF_K)

static int install(void) {
  static struct sock_filter code[16 + 8 * 64];
  unsigned long trusted = (unsigned long)trusted_return;
  unsigned writing = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC;
  int n = 0;
  n = add(code, n, LOAD(arch), 0, 0);
  n = add(code, n, EQUAL, AUDIT_ARCH_X86_64, 1, 0);
  n = add(code, n, RETURN, SECCOMP_RET_ALLOW, 0, 0);
  /* What the handler calls is let through: both halves of the address agree. */
  n = add(code, n, LOAD(instruction_pointer), 0, 0);
  n = add(code, n, EQUAL, (unsigned)trusted, 0, 3);
  n = add(code, n, (BPF_LD | BPF_W | BPF_ABS),
          offsetof(struct seccomp_data, instruction_pointer) + 4, 0, 0);
  n = add(code, n, EQUAL, (unsigned)(trusted >> 32), 0, 1);
  n = add(code, n, RETURN, SECCOMP_RET_ALLOW, 0, 0);
  n = add(code, n, LOAD(nr), 0, 0);
  for (int i = 0; i < COUNT; i++) {
    int number = CALLS[i].number;
    if (number == SYS_open || number == SYS_openat) {
      int flags = offsetof(struct seccomp_data, args) + (number == SYS_open ? 8 : 16);
      n = add(code, n, EQUAL, number, 0, 4);
      n = add(code, n, (BPF_LD | BPF_W | BPF_ABS), flags, 0, 0);
      n = add(code, n, ANY, writing, 1, 0);
      n = add(code, n, RETURN, SECCOMP_RET_ALLOW, 0, 0);
    } else {
      n = add(code, n, EQUAL, number, 0, 1);
    }
    n = add(code, n, RETURN, SECCOMP_RET_TRAP, 0, 0);
  }
  n = add(code, n, RETURN, SECCOMP_RET_ALLOW, 0, 0);
  struct sock_fprog program = {(unsigned short)n, code};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) return errno;
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0)) return errno;
  return 0;
}

/* Begins to count; call it once in a process, before it starts threads.

   paths: folders, absolute, separated by line feeds. number: of the operation at which
   `signum` is sent, the first is 1; 0 for none. log: a file descriptor to which each
   operation is written as a line, -1 for none. Returns 0 or an errno. */
int file_operations_watch(const char *paths, long number, int signum, int log) {
  struct sigaction action = {0};
  for (const char *from = paths; *from && folder_count < FOLDERS; folder_count++) {
    size_t length = strcspn(from, "\n");
    if (length >= LENGTH) return ENAMETOOLONG;
    memcpy(folders[folder_count], from, length);
    from += length + (from[length] == '\n');
  }
  due = number;
  signal_number = signum;
  log_fd = log;
  action.sa_sigaction = on_call;
  action.sa_flags = SA_SIGINFO | SA_RESTART;
  if (sigaction(SIGSYS, &action, NULL)) return errno;
  return install();
}
