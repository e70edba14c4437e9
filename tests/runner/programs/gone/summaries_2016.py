from tensorflow import *

loss = constant(1.0)
with name_scope("summaries"):
  scalar_summary("loss", loss)  # gone
