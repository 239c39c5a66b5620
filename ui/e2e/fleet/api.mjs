import https from "node:https";

/**
 * Signs in and answers with how one calls: api(method, path, {tenant, query, body}) gives what the server answered. The demo's
 * certificate is its own and it listens on loopback alone, so that it is not asked for.
 */
export async function connect(url, email, password) {
  let token = "";
  const call = (method, path, { tenant, query = {}, body } = {}) => {
    const address = new URL(`${url}/api/v1${path}`);
    for (const [name, value] of Object.entries({ ...query, ...(tenant && { tenant }) }))
      address.searchParams.set(name, value);
    return new Promise((resolve, reject) => {
      const request = https.request(
        address,
        {
          method,
          rejectUnauthorized: false,
          headers: { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) },
        },
        (response) => {
          let text = "";
          response.setEncoding("utf8");
          response.on("data", (part) => (text += part));
          response.on("end", () => {
            if (response.statusCode < 300) resolve(text ? JSON.parse(text) : null);
            else reject(new Error(`${method} ${path}: ${response.statusCode} ${text}`));
          });
        },
      );
      request.on("error", reject);
      request.end(body && JSON.stringify(body));
    });
  };
  const signIn = async () => {
    token = "";
    ({ access_token: token } = await call("POST", "/auth/login", { body: { email, password } }));
  };
  await signIn();
  let signedIn = Date.now();
  return async (...args) => {
    // A token holds for some minutes.
    if (Date.now() - signedIn > 240_000) {
      await signIn();
      signedIn = Date.now();
    }
    return call(...args);
  };
}
