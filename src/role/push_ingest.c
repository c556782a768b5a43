/* HTTP push: POST or PUT /live/<name>/<seq>.ts, and HLS playback beside it.
 * Runs on the net actor. Steps, statuses and texts: go-livepeer
 * server/mediaserver.go HandlePush at 0.9.1. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "proto/multipart.h"
#include "proto/webhook_json.h"
#include "src/crypto/random.h"
#include "src/role/broadcaster_private.h"

#define PUSH_MAX_BYTES 300000000
#define PUSH_MS 60000
#define DURATION_MAX_MS 300000
#define DEFAULT_DURATION_MS 2000

/* A push under way. The exchange's user pointer and, while it travels, the
 * context of replies; `gone` tells that its exchange has ended. */
struct push {
	struct broadcaster *b;
	uint64_t exchange;
	struct stream_request *q; /* NULL once handed over */
	struct segment *seg;	  /* likewise */
	struct media_info info;
	char url[1024]; /* for messages */
	char manifest[MANIFEST_SIZE];
	char ext[8];
	int32_t duration_ms;
	uint64_t seq;
	bool force_reinit, wants_multipart;
	bool busy; /* a reply is under way and will free it */
	bool gone;
};

static void push_free(struct push *p)
{
	free(p->q);
	segment_free(p->seg);
	free(p);
}

/* Replies come here first: NULL when nobody waits any more. */
static struct exchange *resume(struct push *p)
{
	p->busy = false;
	if (!p->gone)
		return exchange_find(p->b->net, p->exchange);
	push_free(p);
	return NULL;
}

static struct reply suspend(struct push *p,
	void (*fn)(void *ctx, struct err *taken, void *result))
{
	p->busy = true;
	return (struct reply){net_actor(p->b->net), fn, p};
}

/* --- the answer --- */

static void answer_multipart(struct push *p, struct exchange *x,
	const struct push_result *r)
{
	struct str body = STR_INIT, type = STR_INIT;
	char boundary[21], disposition[160], ctype[160];

	random_hex(boundary, 10);
	for (size_t i = 0; i < r->n; i++) {
		const char *headers[] = {"Content-Disposition", disposition,
			"Content-Type", ctype, "Rendition-Name", r->r[i].name,
			NULL};
		const char *ext = container_ext(r->container);

		snprintf(disposition, sizeof(disposition),
			"attachment; filename=\"%s_%llu%s\"", r->r[i].name,
			(unsigned long long)p->seq, ext);
		snprintf(ctype, sizeof(ctype), "%s; name=\"%s_%llu%s\"",
			container_mime(r->container), r->r[i].name,
			(unsigned long long)p->seq, ext);
		multipart_write_part(&body, boundary, headers,
			blob_data(r->r[i].data), blob_size(r->r[i].data));
	}
	multipart_write_end(&body, boundary);
	str_printf(&type, "multipart/mixed; boundary=%s", boundary);
	exchange_answer(x, 200, str_cstr(&type), blob_from_str(&body), NULL);
	str_clear(&type);
}

static int failure_status(const struct err *e)
{
	if (!strcmp(err_text(e), "No sessions available"))
		return 503;
	return err_kind(e) == ERR_MEDIA ? 422 : 500;
}

static void on_delivered(void *ctx, struct err *taken, void *result)
{
	struct push *p = ctx;
	struct push_result *r = result;
	struct exchange *x = resume(p);

	if (x && taken && failure_status(taken) == 503)
		exchange_error(x, 503, "No sessions available");
	else if (x && taken)
		exchange_error(x, failure_status(taken), "http push error "
			"processing segment url=%s manifestID=%s err=\"%s\"",
			p->url, p->manifest, err_text(taken));
	else if (x && p->wants_multipart && r->n)
		answer_multipart(p, x, r);
	else if (x)
		exchange_answer(x, 200, NULL, NULL, NULL);
	err_free(taken);
	push_result_free(r);
}

/* --- open the stream, hand over the segment --- */

static void on_opened(void *ctx, struct err *taken, void *result)
{
	struct push *p = ctx;
	struct stream_handle *h = result;
	struct exchange *x = resume(p);

	if (x && taken && err_kind(taken) == ERR_UNAVAILABLE) {
		exchange_error(x, 503, "%s", err_text(taken));
	} else if (x && taken) {
		exchange_error(x, err_kind(taken) == ERR_DENIED ? 403 : 500,
			"Could not create stream ID: url=%s", p->url);
	} else if (x) {
		memcpy(p->manifest, h->manifest, sizeof(p->manifest));
		broadcaster_segment(p->b, h->id, TAKE(p->seg), &p->info,
			p->force_reinit, suspend(p, on_delivered));
	}
	err_free(taken);
	free(h);
}

static bool is_known_codec(const char *name)
{
	return !strcmp(name, "h264") || !strcmp(name, "hevc") ||
		!strcmp(name, "vp8") || !strcmp(name, "vp9");
}

static void on_probed(void *ctx, struct err *taken, void *result)
{
	struct push *p = ctx;
	struct media_info *info = result;
	struct exchange *x = resume(p);

	if (x && taken) {
		exchange_error(x, 422, "Error getting codec info url=%s",
			p->url);
	} else if (x && *info->video && !is_known_codec(info->video)) {
		exchange_error(x, 422, "Unknown input stream codec=%s",
			info->video);
	} else if (x) {
		p->info = *info;
		p->seg->has_video = *info->video;
		p->seg->has_audio = *info->audio;
		broadcaster_open(p->b, TAKE(p->q), suspend(p, on_opened));
	}
	err_free(taken);
	free(info);
}

static void on_push_end(void *ctx, struct exchange *x)
{
	struct broadcaster *b = ctx;
	struct push *p = exchange_user(x);
	struct segment *seg;

	if (!p)
		return;
	seg = XNEW(struct segment);
	seg->seq = p->seq;
	seg->duration_ms = p->duration_ms;
	seg->container = p->q->container;
	seg->data = blob_ref(exchange_body(x));
	p->seg = seg;
	pool_probe(b->pool, blob_ref(seg->data), seg->container,
		suspend(p, on_probed));
}

static void on_push_gone(void *ctx, struct exchange *x, bool sent)
{
	struct push *p = exchange_user(x);

	(void)ctx;
	(void)sent;
	exchange_set_user(x, NULL);
	if (!p)
		return;
	p->gone = true;
	if (!p->busy)
		push_free(p);
}

/* --- the request's head --- */

static const char *header_or(const struct exchange *x, const char *name)
{
	const char *v = exchange_header(x, name);

	return v ? v : "";
}

/* "/live/name/12.ts": what is before the last slash, 12, ".ts". */
static bool split_path(struct push *p, struct exchange *x)
{
	char *path = p->q->path, *slash, *dot;

	if (!percent_decode(path, sizeof(p->q->path), exchange_path(x))) {
		exchange_error(x, 400, "Bad URL url=%s", p->url);
		return false;
	}
	slash = strrchr(path, '/');
	dot = strrchr(slash, '.');
	snprintf(p->ext, sizeof(p->ext), "%s", dot ? dot : "");
	if (strcmp(p->ext, ".ts") && strcmp(p->ext, ".mp4")) {
		exchange_error(x, 400, "ignoring file extension: %s", p->ext);
		return false;
	}
	p->q->container = strcmp(p->ext, ".ts")
		? CONTAINER_MP4 : CONTAINER_MPEGTS;
	*dot = '\0';
	if (!parse_u64(slash + 1, &p->seq))
		p->seq = 0;
	slash[1] = '\0'; /* the name is a directory: its dots are its own */
	if (strlen(path) <= strlen("/live/")) {
		exchange_error(x, 400, "Bad URL url=%s", p->url);
		return false;
	}
	return true;
}

static bool read_config(struct push *p, struct exchange *x)
{
	const char *text =
		exchange_header(x, "Livepeer-Transcode-Configuration");
	struct err *e;

	if (!text || !*text)
		return true;
	e = stream_config_parse(&p->q->config, text, strlen(text));
	if (e) {
		exchange_error(x, 400,
			"failed to parse transcode config header: \"%s\"",
			err_text(e));
		err_free(e);
		return false;
	}
	p->q->has_config = true;
	p->force_reinit = p->q->config.force_session_reinit;
	return true;
}

static bool read_headers(struct push *p, struct exchange *x)
{
	const char *size = header_or(x, "Content-Resolution");
	int64_t ms;

	if (!read_config(p, x))
		return false;
	if (exchange_header(x, "Content-Slice-From") ||
		exchange_header(x, "Content-Slice-To")) {
		exchange_error(x, 400, "slices of segments are not supported: "
			"leave out Content-Slice-From and Content-Slice-To");
		return false;
	}
	p->duration_ms = DEFAULT_DURATION_MS;
	if (parse_i64(header_or(x, "Content-Duration"), &ms)) {
		if (ms < 0 || ms > DURATION_MAX_MS) {
			exchange_error(x, 400, "invalid duration");
			return false;
		}
		p->duration_ms = (int32_t)ms;
	}
	if (sscanf(size, "%5dx%5d", &p->q->width, &p->q->height) != 2)
		p->q->width = p->q->height = 0;
	p->wants_multipart =
		!strcmp(header_or(x, "Accept"), "multipart/mixed");
	return true;
}

static void on_push_head(void *ctx, struct exchange *x)
{
	struct broadcaster *b = ctx;
	const char *method = exchange_method(x);
	struct push *p;

	if (strcmp(method, "POST") && strcmp(method, "PUT")) {
		exchange_error(x, 405, "http push request wrong method=%s "
			"url=%s host=%s", method, exchange_path(x),
			exchange_host(x));
		return;
	}
	p = XNEW(struct push);
	p->b = b;
	p->exchange = exchange_id(x);
	p->q = XNEW(struct stream_request);
	p->q->ingest = INGEST_HTTP;
	snprintf(p->url, sizeof(p->url), "http://%s%s", exchange_host(x),
		exchange_path(x));
	memcpy(p->q->url, p->url, sizeof(p->q->url));
	snprintf(p->q->remote, sizeof(p->q->remote), "%s", exchange_remote(x));
	if (!split_path(p, x) || !read_headers(p, x)) {
		push_free(p);
		return;
	}
	exchange_set_user(x, p);
	exchange_too_big(x, 500, "Error reading http request body: "
		"input bigger than max buffer size");
	exchange_want_body(x, PUSH_MAX_BYTES, PUSH_MS);
}

static void on_healthz(void *ctx, struct exchange *x)
{
	(void)ctx;
	exchange_answer(x, 200, NULL, NULL, NULL);
}

void broadcaster_routes(struct broadcaster *b, struct router *r, bool push)
{
	static const struct handler live = {
		.head = on_push_head, .end = on_push_end,
		.gone = on_push_gone};
	static const struct handler healthz = {.head = on_healthz};

	router_add(r, "/stream/", &shelf_handler, b->shelf);
	router_add(r, "/healthz", &healthz, b);
	if (push)
		router_add(r, "/live/", &live, b);
}
