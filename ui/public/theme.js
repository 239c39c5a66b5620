// Runs before the first paint so that a dark console never flashes light. Inline script is refused by the policy.
(function () {
  var choice = null;
  try {
    choice = localStorage.getItem("tenantra.theme");
  } catch {
    // Storage can be switched off; the system's choice holds then.
  }
  var dark = choice === "dark" || (choice !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.classList.toggle("dark", dark);
})();
