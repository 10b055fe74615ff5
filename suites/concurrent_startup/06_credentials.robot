*** Settings ***
Documentation       Forged, expired and stolen tokens are rejected; the good token beside each of them is accepted.
Resource            ../../keywords/concurrent_startup/credentials.resource
Suite Setup         Forged, expired and stolen tokens are tried


*** Test Cases ***
A token is valid only during its lifetime
    [Metadata]    Promise    CS-2
    Then no token should be accepted before or after its lifetime

A token is valid only with its own signature
    [Metadata]    Promise    CS-2
    Then no unsigned or differently signed token should be accepted

A token is valid only for its own user and platform
    [Metadata]    Promise    CS-2
    Then no token should be accepted for another user or platform

Only tokens signed with the platform's key are accepted
    [Metadata]    Promise    CS-2
    Then no token signed with another key should be accepted

A token is worthless after its logout
    [Metadata]    Promise    CS-2
    Then no token should be accepted after its logout

A rejection does not reveal its reason
    [Metadata]    Promise    CS-2
    Then all rejections should look alike
