import os

from while_computing import do

do(lambda: os._exit(3))
