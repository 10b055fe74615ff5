*** Settings ***
Documentation       Forged, worn-out and stolen tokens open nothing; the good token beside each of them does.
Resource            ../../keywords/contamination.resource
Suite Setup         Forged, worn-out and stolen tokens have been tried
Suite Teardown      Everybody leaves


*** Test Cases ***
A token is good in its time only
    [Metadata]    Promise    CS-2
    Then no token should be good before or after its time

A token is good with the right signature only
    [Metadata]    Promise    CS-2
    Then no unsigned or differently signed token should be good

A token is good for its own user and platform only
    [Metadata]    Promise    CS-2
    Then no token should be good for anybody else

No key but the platform's own makes good tokens
    [Metadata]    Promise    CS-2
    Then no other key should open the door

A token is worthless after its logout
    [Metadata]    Promise    CS-2
    Then no token should be good after its logout

A refused token learns nothing
    [Metadata]    Promise    CS-2
    Then no refusal should tell what was wrong
