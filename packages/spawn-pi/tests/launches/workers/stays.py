from time import sleep

from while_computing import do

do(lambda: None)
sleep(1000)
