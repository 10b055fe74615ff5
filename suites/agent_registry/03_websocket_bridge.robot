*** Settings ***
Documentation       Connections belong to their user; what an agent says arrives where it has to, once and in order.
Resource            ../../keywords/agent_registry/websocket_bridge.resource
Suite Setup         Many users work, subscribe, and open and lose connections


*** Test Cases ***
A connection belongs to the context of its user
    [Metadata]    Promise    AR-9
    Then every session, also after a reconnection, should know its own user
    And a session that was cut should be resumed by its own user only

Agents that are used from several sessions in turn answer the one that asked
    [Metadata]    Promise    AR-9
    Then every event should reach exactly the session that asked

Subscribers are told what they subscribed to, and nothing else
    [Metadata]    Promise    AR-10
    Then every subscriber should hear everything they subscribed to, in order
    And whoever subscribes to everything at once should hear of no other user

Events reach only their user, exactly once and in order
    [Metadata]    Promise    AR-11
    Then more than 95 percent of the work of all users should be answered
    And every event should reach exactly the session that asked
    And every request should have all of its events in order

Connections open, drop and close without leaving anything
    [Metadata]    Promise    AR-12
    Then closed connections should leave nothing behind
    And resumed sessions should have missed nothing
