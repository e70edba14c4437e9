from setuptools import find_packages
from setuptools import setup

setup(
    name='trainer',
    version='0.1',
    install_requires=['tensorflow==1.8.0'],
    packages=find_packages(),
    description='Digits on ML Engine.')
