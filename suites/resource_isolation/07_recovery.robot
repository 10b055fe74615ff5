*** Settings ***
Documentation       Agents crash and leave in the middle of work; nothing of them remains, and newcomers are served at once.
Resource            ../../keywords/recovery.resource
Suite Setup         The platform is ready
Suite Teardown      Everybody leaves


*** Test Cases ***
Crashed and departed agents leave nothing behind
    [Metadata]    Promise    RI-7
    Given the platform can    recovery
    And as many tenants have come and gone before
    And what is on the platform is counted
    And many tenants work heavily
    When half of them crash and half of them leave
    Then nothing of them should be left within 30 seconds
    And as many new tenants should be served at once
