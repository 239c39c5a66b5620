/** Text that tries to be more than text: markup, a formula, a direction mark. */
export const hostileText = `=HYPERLINK("x")<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>\u202e`;

/** Keys whose value a person or an agent writes. What the console tells apart by (ids, states, times) stays. */
const written =
  /^(name|title|description|message|hostname|hostnames|subject|tenant_name|owner|reason|text|doc|os_name|os_version|version|arch|tags|actor|object|address|rule|channel|email|error|expected|labels|collection|user_agent|sql|created_by|word|values?|was|username)$/;

/** A copy of an answer in which everything that somebody wrote is hostile. */
export function hostile(value, key = "") {
  if (Array.isArray(value)) return value.map((each) => hostile(each, key));
  if (value && typeof value === "object") {
    return Object.fromEntries(
      Object.entries(value).map(([name, each]) => [name, hostile(each, written.test(key) ? key : name)]),
    );
  }
  if (typeof value === "string" && (written.test(key) || key === "rows")) return `${hostileText}${value}`;
  return value;
}
