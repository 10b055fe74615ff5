*** Settings ***
Documentation       Leaks, runaways and endless operations are found by name and cleaned up; healthy tenants are left alone.
Resource            ../../keywords/leaks.resource
Suite Setup         Nine tenants behave, each in its own way
Suite Teardown      Everybody leaves


*** Test Cases ***
An operation that never ends is ended
    [Metadata]    Promise    RI-3
    Then the operation that never ends should end within 30 seconds

A runaway calculation is stopped
    [Metadata]    Promise    RI-3
    Then the calculation of tenant 4 should be stopped within 30 seconds

A leak of file handles is found and cleaned up
    [Metadata]    Promise    RI-3
    Then the handle leak of tenant 2 should be reported within 60 seconds
    And the handle leak of tenant 2 should be cleaned up within 60 seconds

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
    Then tenant 9, and nobody else, should be flagged for sustained use

Warming up, caching and collecting garbage are not taken for leaks
    [Metadata]    Promise    RI-3
    Then tenants 6, 7 and 8 should be left alone

Everybody is served normally after the leaks
    [Metadata]    Promise    RI-3
    Then all tenants should be served normally again
