*** Settings ***
Documentation       What one agent uses at rest and at work, measured in its own process.
Resource            ../../keywords/resource_isolation/monitoring_baseline.resource
Suite Setup         Agents rest, work, and rest again


*** Test Cases ***
Every agent is measured in its own process
    [Metadata]    Promise    RI-1
    Then every agent should be measured in its own process

Agents at rest use almost nothing
    [Metadata]    Promise    RI-1
    Then no agent at rest should use 5 percent of a core, 256 MB of memory or 10 MB of storage traffic per second

Agents at work stay within their share
    [Metadata]    Promise    RI-1
    Then no agent at work should use 25 percent of a core, 512 MB of memory or 10 MB of storage traffic per second

Agents at work are answered in time
    [Metadata]    Promise    RI-1
    Then each agent should be answered more than 10 times a minute, each time within 2 seconds

Agents at work leak no memory
    [Metadata]    Promise    RI-1
    Then no agent should leak while it works

Agents give their memory back after work
    [Metadata]    Promise    RI-1
    Then memory should return to its baseline within 30 seconds

The work of one agent does not show in the numbers of another
    [Metadata]    Promise    RI-1
    Then the work of one agent should not show in the numbers of another
