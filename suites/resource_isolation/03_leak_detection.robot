*** Settings ***
Documentation       Leaks, runaways and endless operations are found by name and cleaned up; healthy tenants are left alone.
Resource            ../../keywords/resource_isolation/leak_detection.resource
Suite Setup         Nine tenants leak, run away, or only look suspicious


*** Test Cases ***
An endless operation is terminated
    [Metadata]    Promise    RI-3
    Then the endless operation should be terminated within 30 seconds

A runaway calculation is stopped
    [Metadata]    Promise    RI-3
    Then the calculation of tenant 4 should be stopped within 30 seconds

A leak of file descriptors is found and cleaned up
    [Metadata]    Promise    RI-3
    Then the file descriptor leak of tenant 2 should be reported within 60 seconds
    And the file descriptor leak of tenant 2 should be cleaned up within 60 seconds

A leak of database connections is found and cleaned up
    [Metadata]    Promise    RI-3
    Then the connection leak of tenant 3 should be reported within 60 seconds
    And the connection leak of tenant 3 should be cleaned up within 60 seconds

A leak of memory is found and cleaned up
    [Metadata]    Promise    RI-3
    Then the memory leak of tenant 1 should be reported within 60 seconds
    And the memory leak of tenant 1 should be cleaned up within 60 seconds

A tenant that uses a whole core for long is flagged, and only that one
    [Metadata]    Promise    RI-3
    Then only the tenant that uses a whole core should be reported for it

Warming up, caching and collecting garbage are not mistaken for leaks
    [Metadata]    Promise    RI-3
    Then tenants 6, 7 and 8 should not be reported

Everybody is served normally after the leaks
    [Metadata]    Promise    RI-3
    Then all tenants should be served normally again
