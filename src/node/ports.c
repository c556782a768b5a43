#include "src/node/ports.h"

#include <stdio.h>
#include <string.h>

#include "src/net/net.h"

#define ORCHESTRATOR_PORT 8935
#define RTMP_PORT 1935
#define HTTP_PORT 9935
#define CLI_ORCHESTRATOR 7935
#define CLI_BROADCASTER 5935
#define CLI_TRANSCODER 6935

/* "", ":port", "host" and "host:port" alike; the error says which flag. */
static struct err *fill_address(char out[static LISTEN_SIZE], const char *text,
	enum option_id id, const char *default_host, unsigned default_port)
{
	char host[256];
	unsigned port;

	if (!address_split(text, host, &port))
		return err_new(ERR_INVALID,
			"-%s %s: not an address (host:port, :port or host)",
			option_get(id)->name, text);
	snprintf(out, LISTEN_SIZE, strchr(host, ':') ? "[%s]:%u" : "%s:%u",
		*host ? host : default_host,
		port || str_has_suffix(text, ":0") ? port : default_port);
	return NULL;
}

static bool is_local(const char *address)
{
	return str_has_prefix(address, "127.") ||
		str_has_prefix(address, "localhost:") ||
		str_has_prefix(address, "[::1]:");
}

/* Takes http:// or https:// off the text's front; true: TLS, and without one. */
static bool take_scheme(const char **text)
{
	bool plain = str_has_prefix(*text, "http://");

	if (plain || str_has_prefix(*text, "https://"))
		*text = strstr(*text, "//") + 2;
	return !plain;
}

/* "none" (no work) is the reference's; here it is an error, since a node that
 * takes no work has no orchestrator. */
static struct err *plan_service(const struct config *c, struct ports *p,
	unsigned *service_port)
{
	const char *text = config_text(c, OPT_SERVICE_ADDR);
	const char *at = text;
	unsigned port;

	p->orchestrator_is_tls = take_scheme(&at);
	if (!*at)
		at = "127.0.0.1";
	if (!address_split(at, p->service_host, &port) || !*p->service_host ||
		strpbrk(at, "/?# "))
		return err_new(ERR_INVALID, "-serviceAddr %s: give the host "
			"and port at which broadcasters reach this node",
			text);
	snprintf(p->service_uri, sizeof(p->service_uri),
		strchr(p->service_host, ':') ? "%s://[%.190s]:%u"
		: "%s://%.190s:%u", p->orchestrator_is_tls ? "https" : "http",
		p->service_host, port ? port : ORCHESTRATOR_PORT);
	snprintf(p->orchestrator, sizeof(p->orchestrator), ":%u",
		port ? port : ORCHESTRATOR_PORT);
	*service_port = port ? port : ORCHESTRATOR_PORT;
	return NULL;
}

/* -httpAddr of an orchestrator, which may say http:// where a proxy in front
 * does the TLS (server/rpc.go parseHTTPAddr). */
static struct err *plan_listener(const struct config *c, struct ports *p,
	unsigned service_port)
{
	const char *text = config_text(c, OPT_HTTP_ADDR);

	if (!*text)
		return NULL;
	if (strstr(text, "://"))
		p->orchestrator_is_tls = take_scheme(&text);
	return fill_address(p->orchestrator, text, OPT_HTTP_ADDR, "",
		service_port);
}

struct err *ports_plan(const struct config *c, struct ports *p)
{
	unsigned roles = config_roles(c);
	unsigned service_port = ORCHESTRATOR_PORT;
	struct err *e = NULL;

	memset(p, 0, sizeof(*p));
	if (roles & OPTION_O)
		e = plan_service(c, p, &service_port);
	if (!e && (roles & OPTION_O) && !(roles & OPTION_B))
		e = plan_listener(c, p, service_port);
	if (!e && (roles & OPTION_B))
		e = fill_address(p->rtmp, config_text(c, OPT_RTMP_ADDR),
			OPT_RTMP_ADDR, "127.0.0.1", RTMP_PORT);
	if (!e && (roles & OPTION_B))
		e = fill_address(p->http, config_text(c, OPT_HTTP_ADDR),
			OPT_HTTP_ADDR, "127.0.0.1", HTTP_PORT);
	if (!e)
		e = fill_address(p->cli, config_text(c, OPT_CLI_ADDR),
			OPT_CLI_ADDR, "127.0.0.1",
			roles & OPTION_O ? CLI_ORCHESTRATOR
			: roles & OPTION_B ? CLI_BROADCASTER : CLI_TRANSCODER);
	p->http_is_local = is_local(p->http);
	snprintf(p->playback, sizeof(p->playback), "http://%s", p->http);
	return e;
}
