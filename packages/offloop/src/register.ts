// `node --import offloop/register server.js`: @offloop/watchdog/register under the name of the one install.
import "@offloop/watchdog/register";
