"use strict";
// What was typed before the password was asked for again goes on by itself, where it is the same person as before.
document.querySelector("[data-send-on]")?.requestSubmit();
