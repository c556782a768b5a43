#include "src/node/status_page.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "proto/status_json.h"
#include "proto/view_codec.h"
#include "src/base/str.h"
#include "src/net/exchange.h"

#define JSON "application/json"
#define TEXT "text/plain; charset=utf-8"
#define CHANGES_NOTHING \
	"this page changes nothing; give orders in the console, or with " \
	"`weir <command>` (`weir help` lists them)"

struct status_page {
	struct board *board;
	struct router *router;
	struct port *port;
	char *address; /* as asked for */
};

/* --- who may ask --- */

static bool is_address(const char *host)
{
	uint8_t ignored[16];

	return inet_pton(AF_INET, host, ignored) == 1 || inet_pton(AF_INET6, host, ignored) == 1;
}

bool status_page_host_is_ours(const char *host, const char *listening)
{
	char name[256], own[256];
	unsigned port;

	if (!address_split(host, name, &port) || !address_split(listening, own, &port))
		return false;
	return is_address(name) || strcasecmp(name, "localhost") == 0 ||
		(*own && strcasecmp(name, own) == 0);
}

/* --- what is answered --- */

static void load(struct board *b, enum section s, void *view)
{
	uint64_t version;
	struct blob *json = board_get(b, s, &version);

	if (json)
		err_free(view_decode(section_desc(s), (const char *)blob_data(json),
			blob_size(json), view));
	blob_put(json);
}

static void add_status(struct status_page *p, struct str *out)
{
	struct status_views v = {0};

	load(p->board, SECTION_NODE, &v.node);
	load(p->board, SECTION_STREAMS, &v.streams);
	load(p->board, SECTION_TRANSCODERS, &v.transcoders);
	load(p->board, SECTION_ORCHESTRATORS, &v.orchestrators);
	status_json(&v, out);
	view_clear(section_desc(SECTION_NODE), &v.node);
	view_clear(section_desc(SECTION_STREAMS), &v.streams);
	view_clear(section_desc(SECTION_TRANSCODERS), &v.transcoders);
	view_clear(section_desc(SECTION_ORCHESTRATORS), &v.orchestrators);
}

static void add_health(struct status_page *p, struct str *out)
{
	(void)p;
	(void)out;
}

/* glog's numbers, as -v takes them. */
static void add_log_level(struct status_page *p, struct str *out)
{
	enum log_level level = log_get_level();

	(void)p;
	str_add(out, level == LOG_TRACE ? "6" : level == LOG_DEBUG ? "4" : "3");
}

static void add_presets(struct status_page *p, struct str *out)
{
	(void)p;
	presets_json(out);
}

static void add_manifest(struct status_page *p, struct str *out)
{
	struct view_streams v = {0};
	const struct session_row *newest = NULL;

	load(p->board, SECTION_STREAMS, &v);
	for (size_t i = 0; i < v.rows.n; i++)
		if (!newest || v.rows.v[i].started_ms > newest->started_ms)
			newest = &v.rows.v[i];
	if (newest)
		str_add(out, view_text(newest->id));
	view_clear(section_desc(SECTION_STREAMS), &v);
}

static void add_is_orchestrator(struct status_page *p, struct str *out)
{
	struct view_node v = {0};
	bool is = false;

	load(p->board, SECTION_NODE, &v);
	for (size_t i = 0; i < v.roles.n; i++)
		is |= strcmp(view_text(v.roles.v[i].name), "orchestrator") == 0;
	str_add(out, is ? "true" : "false");
	view_clear(section_desc(SECTION_NODE), &v);
}

static void add_zero(struct status_page *p, struct str *out) /* off-chain */
{
	(void)p;
	str_add(out, "0");
}

static void add_empty_list(struct status_page *p, struct str *out)
{
	(void)p;
	str_add(out, "[]");
}

static const struct page {
	const char *path, *type;
	void (*add)(struct status_page *p, struct str *out);
} pages[] = {
	{"/status", JSON, add_status},
	{"/healthz", TEXT, add_health},
	{"/getLogLevel", TEXT, add_log_level},
	{"/getAvailableTranscodingOptions", JSON, add_presets},
	{"/manifestID", TEXT, add_manifest},
	{"/localStreams", JSON, add_empty_list},
	{"/IsOrchestrator", TEXT, add_is_orchestrator},
	{"/EthChainID", TEXT, add_zero},
};

static void answer(struct exchange *x, const struct page *page, struct status_page *p)
{
	static const char *const extra[] = {"X-Content-Type-Options", "nosniff",
		"Cache-Control", "no-store", NULL};
	struct str body = STR_INIT;

	page->add(p, &body);
	exchange_answer(x, 200, page->type, blob_from_str(&body), extra);
	str_clear(&body);
}

static void on_request(void *ctx, struct exchange *x)
{
	static const char *const allow[] = {"Allow", "GET, HEAD", NULL};
	struct status_page *p = ctx;
	const char *path = exchange_path(x), *method = exchange_method(x);
	struct str text = STR_INIT;

	if (!status_page_host_is_ours(exchange_host(x), p->address)) {
		exchange_error(x, 403, "this page does not answer to that Host");
		return;
	}
	if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0) {
		str_add(&text, CHANGES_NOTHING "\n");
		exchange_answer(x, 405, TEXT, blob_from_str(&text), allow);
		str_clear(&text);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(pages); i++) {
		if (strcmp(path, pages[i].path) != 0)
			continue;
		answer(x, &pages[i], p);
		return;
	}
	if (str_has_prefix(path, "/set"))
		exchange_error(x, 403, CHANGES_NOTHING);
	else
		exchange_error(x, 404, "404 page not found");
}

/* --- start and stop --- */

struct err *status_page_start(struct net *n, struct board *board, const char *address,
	struct status_page **out)
{
	static const struct handler handler = {.head = on_request};
	struct status_page *p = XNEW(struct status_page);
	struct port_options o = {.kind = PORT_HTTP, .address = address, .max_conns = 64};
	struct err *e;

	p->board = board;
	p->address = xstrdup(address);
	p->router = o.router = router_new();
	router_add(p->router, "/", &handler, p);
	e = net_listen(n, &o, &p->port);
	*out = e ? NULL : p;
	if (e)
		status_page_free(p);
	return e;
}

const char *status_page_address(const struct status_page *p)
{
	return port_address(p->port);
}

void status_page_free(struct status_page *p)
{
	if (!p)
		return;
	router_free(p->router);
	free(p->address);
	free(p);
}
