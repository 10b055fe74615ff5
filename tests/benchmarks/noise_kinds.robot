*** Settings ***
Documentation       What the others feel of each kind of noise alone, when it is contained. Not a promise, but it shows which kind harms
...                 when the four together do:
...                 | .venv/bin/robot -d results/kinds -v PROFILE:full tests/benchmarks/noise_kinds.robot
Resource            ../../keywords/resource_isolation/performance_isolation.resource
Suite Setup         Record Each Kind Of Noise In Turns


*** Test Cases ***
An endless calculation does not slow down the others
    [Metadata]    Promise    RI-5
    Others Should Not Be Slowed    endless_loop    10 percent

Memory pressure does not slow down the others
    [Metadata]    Promise    RI-5
    Others Should Not Be Slowed    memory_pressure    10 percent

Load on disk and database does not slow down the others
    [Metadata]    Promise    RI-5
    Others Should Not Be Slowed    io_load    10 percent

A flood of messages does not slow down the others
    [Metadata]    Promise    RI-5
    Others Should Not Be Slowed    message_flood    10 percent
