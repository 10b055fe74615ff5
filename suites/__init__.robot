*** Settings ***
Documentation       Are the tenants of this platform isolated from each other? Every test stands for a promise, by its id.
...                 Results: log.html (every step, with numbers and charts), signoff.html (the page that is signed).
Resource            ../keywords/common.resource
