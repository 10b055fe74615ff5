*** Settings ***
Documentation       The run as a whole: it gives no secret away and leaves nothing behind. Runs last. What it costs to watch so many
...                 tenants is judged where they are watched, in the concurrent stress of the resource isolation.
Resource            ../keywords/whole_run.resource
Suite Setup         The output of the run is searched, and its tenants are looked for after their removal
Test Tags           performance    isolation


*** Test Cases ***
No secret is in any output
    [Metadata]    Promise    OP-7
    Then no secret should be in any output of this run

Nothing of this run is left behind
    [Metadata]    Promise    OP-3
    Then nothing should be left of any tenant of this run
