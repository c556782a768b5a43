#include "src/wizard/trial.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/clock.h"
#include "src/base/str.h"
#include "src/migrate/tree.h"
#include "src/net/fetch_now.h"
#include "src/node/datadir.h"
#include "src/node/ports.h"
#include "src/wizard/host.h"

#define WORK_MS 8000 /* for a second of video, on a slow machine */
#define LOOK_MS 100
#define LADDER "P144p30fps16x9"
#define ANY "127.0.0.1:0"

static const uint8_t segment[] = {
#include "src/wizard/trial_segment.def"
};

/* --- the two nodes --- */

struct setting {
	enum option_id id;
	const char *value;
};

static struct err *configure(const struct setting *s, size_t n, struct config **out)
{
	struct err *e = NULL;

	*out = config_new();
	for (size_t i = 0; i < n && !e; i++)
		if (*s[i].value)
			e = config_set(*out, s[i].id, ORIGIN_FLAG, s[i].value);
	if (e)
		config_free(TAKE(*out));
	return e;
}

/* service: what it says where it is, which is where work is sent. */
static struct err *start_orchestrator(const struct config *c, const char *service,
	const char *dir, struct host **out)
{
	const struct setting s[] = {{OPT_DATADIR, dir}, {OPT_ORCHESTRATOR, "true"},
		{OPT_TRANSCODER, "true"}, {OPT_CLI_ADDR, ANY},
		{OPT_SERVICE_ADDR, service},
		{OPT_HTTP_ADDR, config_roles(c) & OPTION_B ? ""
			: config_text(c, OPT_HTTP_ADDR)},
		{OPT_NVIDIA, config_text(c, OPT_NVIDIA)},
		{OPT_X264_PRESET, config_text(c, OPT_X264_PRESET)}};
	struct config *made;
	struct err *e = configure(s, ARRAY_SIZE(s), &made);

	*out = NULL;
	return e ? e : host_open(made, NULL, out);
}

static struct err *start_broadcaster(const char *orchestrator, const char *dir,
	struct host **out)
{
	const struct setting s[] = {{OPT_DATADIR, dir}, {OPT_BROADCASTER, "true"},
		{OPT_ORCH_ADDR, orchestrator}, {OPT_CLI_ADDR, ANY}, {OPT_RTMP_ADDR, ANY},
		{OPT_HTTP_ADDR, ANY}, {OPT_TRANSCODING_OPTIONS, LADDER}};
	struct config *made;
	struct err *e = configure(s, ARRAY_SIZE(s), &made);

	*out = NULL;
	return e ? e : host_open(made, NULL, out);
}

/* "broadcaster http ADDRESS" of node_ports(); free() it. */
static char *http_address(const struct host *h)
{
	static const char line[] = "broadcaster http ";
	struct str ports = STR_INIT;
	char *address = NULL;
	const char *at;

	node_ports(host_node(h), &ports);
	at = strstr(str_cstr(&ports), line);
	if (at)
		address = xstrndup(at + strlen(line), strcspn(at + strlen(line), "\n"));
	str_clear(&ports);
	return address;
}

/* --- the stream --- */

/* The n-th of a stream. 200 says that all renditions are there. */
static struct err *push(struct fetch_now *f, const char *address, unsigned n)
{
	struct str url = STR_INIT;
	struct post p = {.content_type = "video/mp2t", .body = segment,
		.body_n = sizeof(segment), .connect_ms = 1000, .total_ms = WORK_MS,
		.max_body = 512};
	struct posted answer = {0};
	struct err *e;

	str_printf(&url, "http://%s/live/trial/%u.ts", address, n);
	p.url = url.s;
	e = fetch_now(f, &p, &answer);
	if (!e && answer.status != 200)
		e = err_new(ERR_UNAVAILABLE, "%.*s", (int)strcspn(str_cstr(&answer.body),
			"\n"), str_cstr(&answer.body));
	posted_clear(&answer);
	str_clear(&url);
	return e;
}

/* The first of them may come before the orchestrator was found. */
static struct err *stream(const struct host *h)
{
	int64_t end_ms = clock_mono_ms() + WORK_MS;
	struct fetch_now *f = fetch_now_new();
	char *address = http_address(h);
	struct err *e = address ? NULL : err_new(ERR_INTERNAL, "no port to send video to");

	for (unsigned n = 0; address; n++) {
		e = push(f, address, n);
		if (!e || clock_mono_ms() > end_ms)
			break;
		err_free(TAKE(e));
		poll(NULL, 0, LOOK_MS);
	}
	free(address);
	fetch_now_free(f);
	return e;
}

/* Through an orchestrator that says it is there; the error: it did not start. */
static struct err *stream_over(const struct config *c, const char *service, const char *dir,
	struct err **failed)
{
	char *o = datadir_file(dir, "o"), *b = datadir_file(dir, "b");
	struct host *orchestrator = NULL, *broadcaster = NULL;
	struct err *e = start_orchestrator(c, service, o, &orchestrator);

	*failed = NULL;
	if (!e)
		e = start_broadcaster(service, b, &broadcaster);
	if (!e)
		*failed = stream(broadcaster);
	host_close(broadcaster);
	host_close(orchestrator);
	free(o);
	free(b);
	return e;
}

/* --- both --- */

static struct err *try_both(const struct config *c, const char *dir, struct trial *out)
{
	struct str local = STR_INIT;
	struct err *failed;
	struct ports p;
	struct err *e = ports_plan(c, &p);

	if (!e)
		e = stream_over(c, p.service_uri, dir, &failed);
	if (e)
		return e;
	out->public_works = !failed;
	if (!failed)
		return NULL;
	out->why = xstrdup(err_text(failed));
	err_free(failed);
	str_printf(&local, "%s://%s%s", p.orchestrator_is_tls ? "https" : "http",
		*p.orchestrator == ':' ? "127.0.0.1" : "", p.orchestrator);
	e = stream_over(c, local.s, dir, &failed);
	out->local_works = !e && !failed;
	err_free(failed);
	str_clear(&local);
	return e;
}

struct err *trial_run(const struct config *c, const char *dir, struct trial *out)
{
	struct err *e = tree_remove(dir), *worse;

	*out = (struct trial){.why = NULL};
	if (!e)
		e = datadir_make(dir);
	if (!e)
		e = try_both(c, dir, out);
	worse = tree_remove(dir);
	if (e)
		err_free(worse);
	return e ? e : worse;
}

void trial_clear(struct trial *t)
{
	free(TAKE(t->why));
}
