import os
import signal

from while_computing import do

do(lambda: os.kill(os.getpid(), signal.SIGKILL))
