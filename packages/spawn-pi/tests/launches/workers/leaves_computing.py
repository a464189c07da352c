import sys

from while_computing import do

do(lambda: sys.exit(3))
