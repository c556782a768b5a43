#include "proto/rtmp.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "proto/amf0.h"
#include "proto/bytes.h"
#include "proto/rtmp_chunk.h"

enum message_type {
	MSG_CHUNK_SIZE = 1,
	MSG_ACK = 3,
	MSG_USER_CONTROL = 4,
	MSG_WINDOW = 5,
	MSG_BANDWIDTH = 6,
	MSG_DATA_AMF3 = 15,
	MSG_COMMAND_AMF3 = 17,
	MSG_DATA = 18,
	MSG_COMMAND = 20,
	MSG_AGGREGATE = 22,
};
enum { PING_REQUEST = 6, PING_RESPONSE = 7 };
enum { CHUNKS_CONTROL = 2, CHUNKS_COMMAND = 3, CHUNKS_STREAM = 5 };

#define VERSION 3
#define HANDSHAKE 1536u
#define HANDSHAKE_FIXED 8u /* time, zero; then random */
#define OUR_CHUNK_SIZE (10u << 20)
#define OUR_WINDOW 5000000u
#define OUR_STREAM 1
#define WINDOW_DEFAULT 2500000u
#define WINDOW_MIN (64u << 10)
/* A peer that asks much and reads nothing. */
#define OUT_MAX (64u << 10)
#define KEEP_SETUP (4u << 10)
#define KEEP_MEDIA (256u << 10)
#define TAG_HEADER 11u

enum stage { STAGE_C0_C1, STAGE_C2, STAGE_CHUNKS };
enum publishing { PUBLISH_NO, PUBLISH_ASKED, PUBLISH_YES, PUBLISH_OVER };

struct rtmp {
	enum stage stage;
	enum publishing publishing;
	bool connected;
	uint64_t seed;
	struct rtmp_chunks in;
	struct str hello; /* C0 and C1 as they come in */
	size_t c2_left;
	uint64_t received, acked;
	uint32_t window; /* the peer wants an ack this often */

	char *app, *tcurl, *name;

	bool has_event;
	struct rtmp_event event;
	/* the tags of an aggregate message not yet shown */
	struct amf0 tags;
	uint32_t tags_shift; /* from their times to ours */
	bool tags_shifted;

	struct str out;
	size_t out_at;
};

struct rtmp *rtmp_new(uint64_t seed)
{
	struct rtmp *r = XNEW(struct rtmp);

	rtmp_chunks_init(&r->in);
	r->in.message_max = RTMP_SETUP_MESSAGE_MAX;
	r->in.held_max = RTMP_SETUP_HELD_MAX;
	r->in.keep_max = KEEP_SETUP;
	r->seed = seed | 1;
	r->window = WINDOW_DEFAULT;
	return r;
}

void rtmp_free(struct rtmp *r)
{
	if (!r)
		return;
	rtmp_chunks_clear(&r->in);
	str_clear(&r->hello);
	str_clear(&r->out);
	free(r->app);
	free(r->tcurl);
	free(r->name);
	free(r);
}

/* --- writing --- */

const uint8_t *rtmp_pending(const struct rtmp *r, size_t *n)
{
	*n = r->out.len - r->out_at;
	return (const uint8_t *)r->out.s + r->out_at;
}

void rtmp_sent(struct rtmp *r, size_t n)
{
	r->out_at += n;
	assert(r->out_at <= r->out.len);
	if (r->out_at == r->out.len) {
		str_truncate(&r->out, 0);
		r->out_at = 0;
	}
}

static void put_control(struct rtmp *r, enum message_type type,
	uint32_t value)
{
	uint8_t b[4];

	put_be32(b, value);
	rtmp_chunk_put(&r->out, CHUNKS_CONTROL, (uint8_t)type, 0, b, sizeof(b));
}

static void put_status(struct str *s, const char *level, const char *code,
	const char *text)
{
	amf0_put_key(s, "level");
	amf0_put_string(s, level);
	amf0_put_key(s, "code");
	amf0_put_string(s, code);
	amf0_put_key(s, "description");
	amf0_put_string(s, text);
}

static void send_command(struct rtmp *r, unsigned chunks, uint32_t stream,
	struct str *taken)
{
	rtmp_chunk_put(&r->out, chunks, MSG_COMMAND, stream, taken->s,
		taken->len);
	str_clear(taken);
}

static void send_status(struct rtmp *r, const char *level, const char *code,
	const char *text)
{
	struct str s = STR_INIT;

	amf0_put_string(&s, "onStatus");
	amf0_put_number(&s, 0);
	amf0_put_null(&s);
	amf0_put_object(&s);
	put_status(&s, level, code, text);
	amf0_put_end(&s);
	send_command(r, CHUNKS_STREAM, OUR_STREAM, &s);
}

void rtmp_accept(struct rtmp *r)
{
	assert(r->publishing == PUBLISH_ASKED);
	r->publishing = PUBLISH_YES;
	r->in.message_max = RTMP_MEDIA_MESSAGE_MAX;
	r->in.held_max = RTMP_MEDIA_HELD_MAX;
	r->in.keep_max = KEEP_MEDIA;
	send_status(r, "status", "NetStream.Publish.Start", "Start publishing");
}

static void send_error(struct rtmp *r, const char *code, const char *text)
{
	char *bounded = xstrndup(text, RTMP_TEXT_MAX);

	r->publishing = PUBLISH_OVER;
	send_status(r, "error", code, bounded);
	free(bounded);
}

void rtmp_refuse(struct rtmp *r, const char *text)
{
	send_error(r, "NetStream.Publish.BadName", text);
}

void rtmp_abort(struct rtmp *r, const char *text)
{
	send_error(r, "NetStream.Failed", text);
}

/* --- the URL --- */

static void add_pieces(struct str *out, const char *text)
{
	size_t path = strcspn(text, "?");

	for (const char *p = text; p < text + path;) {
		size_t len = strcspn(p, "/?");

		if (len) {
			str_addc(out, '/');
			str_addn(out, p, len);
		}
		p += len + (p[len] == '/');
	}
	str_add(out, text + path);
}

void rtmp_url(const struct rtmp *r, const char *authority, struct str *out)
{
	const char *host = r->tcurl ? strstr(r->tcurl, "://") : NULL;
	size_t start;

	if (host) {
		const char *at;

		host += 3;
		str_addn(out, r->tcurl, (size_t)(host - r->tcurl));
		at = memchr(host, '@', strcspn(host, "/?#"));
		host = at ? at + 1 : host;
		str_addn(out, host, strcspn(host, "/?#"));
	} else {
		str_printf(out, "rtmp://%s", authority);
	}
	start = out->len;
	add_pieces(out, r->app);
	add_pieces(out, r->name);
	if (out->len == start)
		str_addc(out, '/');
}

/* --- commands --- */

struct command {
	const char *name;
	size_t len;
	double transaction;
	struct amf0 rest;
};

/* Text from the peer that may become part of a URL. NULL: it may not. */
static char *copy_text(const char *s, size_t len)
{
	if (len > RTMP_TEXT_MAX)
		return NULL;
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f)
			return NULL;
	}
	return xstrndup(s, len);
}

struct connect_args {
	char *app, *tcurl;
	bool bad;
};

static void on_connect_key(void *ctx, const char *key, size_t len,
	const struct amf0_value *v)
{
	struct connect_args *args = ctx;
	char **to = NULL;

	if (v->type != AMF0_STRING)
		return;
	if (amf0_is(key, len, "app"))
		to = &args->app;
	else if (amf0_is(key, len, "tcUrl") || amf0_is(key, len, "tcurl"))
		to = &args->tcurl;
	if (!to)
		return;
	free(*to);
	*to = copy_text(v->s, v->len);
	args->bad |= !*to;
}

static void reply_connect(struct rtmp *r, double transaction)
{
	static const uint8_t bandwidth[] = {
		OUR_WINDOW >> 24, OUR_WINDOW >> 16 & 0xff,
		OUR_WINDOW >> 8 & 0xff, OUR_WINDOW & 0xff, 2 /* dynamic */};
	struct str s = STR_INIT;

	put_control(r, MSG_CHUNK_SIZE, OUR_CHUNK_SIZE);
	put_control(r, MSG_WINDOW, OUR_WINDOW);
	rtmp_chunk_put(&r->out, CHUNKS_CONTROL, MSG_BANDWIDTH, 0, bandwidth,
		sizeof(bandwidth));
	amf0_put_string(&s, "_result");
	amf0_put_number(&s, transaction);
	amf0_put_object(&s);
	amf0_put_key(&s, "fmtVer");
	amf0_put_string(&s, "FMS/3,0,1,123");
	amf0_put_key(&s, "capabilities");
	amf0_put_number(&s, 31);
	amf0_put_end(&s);
	amf0_put_object(&s);
	put_status(&s, "status", "NetConnection.Connect.Success",
		"Connection succeeded.");
	amf0_put_key(&s, "objectEncoding");
	amf0_put_number(&s, 0);
	amf0_put_end(&s);
	send_command(r, CHUNKS_COMMAND, 0, &s);
}

static void reply_result(struct rtmp *r, double transaction, bool with_stream)
{
	struct str s = STR_INIT;

	amf0_put_string(&s, "_result");
	amf0_put_number(&s, transaction);
	amf0_put_null(&s);
	if (with_stream)
		amf0_put_number(&s, OUR_STREAM);
	send_command(r, CHUNKS_COMMAND, 0, &s);
}

static struct err *reject_connect(struct rtmp *r, double transaction,
	struct connect_args *args, const char *text)
{
	struct str s = STR_INIT;

	free(args->app);
	free(args->tcurl);
	amf0_put_string(&s, "_error");
	amf0_put_number(&s, transaction);
	amf0_put_null(&s);
	amf0_put_object(&s);
	put_status(&s, "error", "NetConnection.Connect.Rejected", text);
	amf0_put_end(&s);
	send_command(r, CHUNKS_COMMAND, 0, &s);
	return err_new(ERR_PROTOCOL, "%s", text);
}

static struct err *on_connect(struct rtmp *r, struct command *c)
{
	struct connect_args args = {0};
	bool ok = amf0_next_object(&c->rest, on_connect_key, &args);

	if (r->connected)
		return reject_connect(r, c->transaction, &args,
			"connect: twice");
	if (!ok)
		return reject_connect(r, c->transaction, &args,
			"connect: malformed");
	if (args.bad)
		return reject_connect(r, c->transaction, &args,
			"connect: app or tcUrl is too long or has control "
			"characters");
	if (!args.app)
		return reject_connect(r, c->transaction, &args,
			"connect: app is missing");
	r->app = args.app;
	r->tcurl = args.tcurl;
	r->connected = true;
	reply_connect(r, c->transaction);
	return NULL;
}

static struct err *on_publish(struct rtmp *r, struct command *c)
{
	struct amf0_value nothing;
	const char *name;
	size_t len;

	if (!amf0_next(&c->rest, &nothing) ||
		!amf0_next_string(&c->rest, &name, &len))
		return err_new(ERR_PROTOCOL, "publish: malformed");
	if (r->publishing != PUBLISH_NO) {
		send_status(r, "error", "NetStream.Publish.BadName",
			"this connection publishes already");
		return NULL;
	}
	r->name = copy_text(name, len);
	if (!r->name) {
		rtmp_refuse(r,
			"the stream name is too long or has control characters");
		return err_new(ERR_PROTOCOL, "publish: bad stream name");
	}
	r->publishing = PUBLISH_ASKED;
	r->event = (struct rtmp_event){.kind = RTMP_PUBLISH};
	r->has_event = true;
	return NULL;
}

static void on_unpublish(struct rtmp *r)
{
	if (r->publishing != PUBLISH_YES)
		return;
	r->publishing = PUBLISH_OVER;
	r->event = (struct rtmp_event){.kind = RTMP_UNPUBLISH};
	r->has_event = true;
}

static bool is(const struct command *c, const char *name)
{
	return amf0_is(c->name, c->len, name);
}

static struct err *on_command(struct rtmp *r, const uint8_t *data, size_t n)
{
	struct command c = {.rest = {data, n}};

	if (!amf0_next_string(&c.rest, &c.name, &c.len) ||
		!amf0_next_number(&c.rest, &c.transaction))
		return err_new(ERR_PROTOCOL, "malformed command");
	if (is(&c, "connect"))
		return on_connect(r, &c);
	if (!r->connected)
		return err_new(ERR_PROTOCOL, "a command before connect");
	if (is(&c, "publish"))
		return on_publish(r, &c);
	if (is(&c, "createStream"))
		reply_result(r, c.transaction, true);
	else if (is(&c, "_checkbw"))
		reply_result(r, c.transaction, false);
	else if (is(&c, "play") || is(&c, "play2"))
		send_status(r, "error", "NetStream.Play.StreamNotFound",
			"weir serves playback over HLS only");
	else if (is(&c, "FCUnpublish") || is(&c, "deleteStream") ||
		 is(&c, "closeStream"))
		on_unpublish(r);
	/* releaseStream, FCPublish and all else go unanswered, as with the
	 * reference: encoders don't wait for it, and an _error ends some. */
	return NULL;
}

static void on_data(struct rtmp *r, const uint8_t *data, size_t n)
{
	struct amf0 a = {data, n};
	const char *name;
	size_t len;

	if (r->publishing != PUBLISH_YES || !amf0_next_string(&a, &name, &len))
		return;
	if (amf0_is(name, len, "@setDataFrame") &&
		!amf0_next_string(&a, &name, &len))
		return;
	r->event = (struct rtmp_event){.kind = RTMP_META};
	if (amf0_is(name, len, "onMetaData"))
		r->has_event = flv_meta_parse(&r->event.meta, a.p, a.n);
}

static void on_media(struct rtmp *r, enum flv_tag tag, uint32_t timestamp,
	const uint8_t *data, size_t n)
{
	if (r->publishing != PUBLISH_YES)
		return;
	r->event = (struct rtmp_event){.kind = RTMP_MEDIA, .tag = tag,
		.timestamp = timestamp, .data = data, .size = n};
	r->has_event = true;
}

/* --- messages --- */

/* The next audio or video tag of an aggregate message; a malformed rest is
 * left out. */
static void next_tag(struct rtmp *r)
{
	while (!r->has_event && r->tags.n >= TAG_HEADER) {
		const uint8_t *p = r->tags.p;
		size_t size = get_be24(p + 1);
		uint32_t timestamp = get_be24(p + 4) | (uint32_t)p[7] << 24;

		if (r->tags.n - TAG_HEADER < size)
			break;
		if (!r->tags_shifted) {
			r->tags_shift -= timestamp;
			r->tags_shifted = true;
		}
		if (p[0] == FLV_AUDIO || p[0] == FLV_VIDEO)
			on_media(r, p[0], timestamp + r->tags_shift,
				p + TAG_HEADER, size);
		size += TAG_HEADER + 4; /* the size again, backwards */
		size = size < r->tags.n ? size : r->tags.n;
		r->tags.p += size;
		r->tags.n -= size;
	}
	if (!r->has_event)
		r->tags.n = 0;
}

static void on_user_control(struct rtmp *r, const struct rtmp_message *m)
{
	uint8_t reply[6];

	if (m->size < sizeof(reply) || get_be16(m->data) != PING_REQUEST)
		return;
	memcpy(reply, m->data, sizeof(reply));
	put_be16(reply, PING_RESPONSE);
	rtmp_chunk_put(&r->out, CHUNKS_CONTROL, MSG_USER_CONTROL, 0, reply,
		sizeof(reply));
}

static struct err *on_message(struct rtmp *r, const struct rtmp_message *m)
{
	/* AMF3 messages are AMF0 behind a format byte that is 0, unless the
	 * peer switches inside; none does before it is told objectEncoding 3. */
	size_t skip = m->size && (m->type == MSG_COMMAND_AMF3 ||
					 m->type == MSG_DATA_AMF3);

	switch (m->type) {
	case FLV_AUDIO:
	case FLV_VIDEO:
		on_media(r, m->type, m->timestamp, m->data, m->size);
		return NULL;
	case MSG_USER_CONTROL:
		on_user_control(r, m);
		return NULL;
	case MSG_WINDOW:
		if (m->size >= 4)
			r->window = get_be32(m->data);
		if (r->window < WINDOW_MIN)
			r->window = WINDOW_MIN;
		return NULL;
	case MSG_COMMAND:
	case MSG_COMMAND_AMF3:
		return on_command(r, m->data + skip, m->size - skip);
	case MSG_DATA:
	case MSG_DATA_AMF3:
		on_data(r, m->data + skip, m->size - skip);
		return NULL;
	case MSG_AGGREGATE:
		r->tags = (struct amf0){m->data, m->size};
		r->tags_shift = m->timestamp;
		r->tags_shifted = false;
		next_tag(r);
		return NULL;
	}
	/* Acknowledgements, shared objects and types yet unknown. */
	return NULL;
}

static void fill_random(struct rtmp *r, uint8_t *to, size_t n)
{
	while (n--) {
		r->seed ^= r->seed << 13;
		r->seed ^= r->seed >> 7;
		r->seed ^= r->seed << 17;
		*to++ = (uint8_t)(r->seed >> 32);
	}
}

/* S0, S1 and S2 leave together: some encoders want S0 and S1 in one packet. */
static void on_hello(struct rtmp *r)
{
	uint8_t s1[1 + HANDSHAKE] = {VERSION};

	/* Zero after the time: no digest, which Flash's variants accept. */
	fill_random(r, s1 + 1 + HANDSHAKE_FIXED, HANDSHAKE - HANDSHAKE_FIXED);
	str_addn(&r->out, s1, sizeof(s1));
	str_addn(&r->out, r->hello.s + 1, HANDSHAKE);
	str_clear(&r->hello);
	r->stage = STAGE_C2;
	r->c2_left = HANDSHAKE;
}

static struct err *feed_handshake(struct rtmp *r, const uint8_t *bytes,
	size_t n, size_t *used)
{
	size_t part;

	if (r->stage == STAGE_C2) {
		part = n < r->c2_left ? n : r->c2_left;
		r->c2_left -= part;
		if (!r->c2_left)
			r->stage = STAGE_CHUNKS;
		*used = part;
		return NULL;
	}
	if (!r->hello.len && *bytes != VERSION)
		return err_new(ERR_PROTOCOL, *bytes == 6
				? "encrypted RTMP (RTMPE) is not supported"
				: "this is not RTMP");
	part = 1 + HANDSHAKE - r->hello.len;
	part = n < part ? n : part;
	str_addn(&r->hello, bytes, part);
	*used = part;
	if (r->hello.len == 1 + HANDSHAKE)
		on_hello(r);
	return NULL;
}

struct err *rtmp_feed(struct rtmp *r, const uint8_t *bytes, size_t n,
	size_t *used)
{
	struct err *e = NULL;

	*used = 0;
	assert(!r->has_event);
	while (!e && *used < n && !r->has_event) {
		struct rtmp_message m;
		bool done = false;
		size_t part;

		if (r->stage != STAGE_CHUNKS) {
			part = 0;
			e = feed_handshake(r, bytes + *used, n - *used, &part);
		} else {
			e = rtmp_chunks_feed(&r->in, bytes + *used, n - *used,
				&part, &m, &done);
		}
		*used += part;
		r->received += part;
		if (!e && done)
			e = on_message(r, &m);
	}
	if (r->received - r->acked >= r->window) {
		r->acked = r->received;
		put_control(r, MSG_ACK, (uint32_t)r->received);
	}
	if (!e && r->out.len - r->out_at > OUT_MAX)
		e = err_new(ERR_LIMIT, "the peer doesn't read our replies");
	return e;
}

bool rtmp_next(struct rtmp *r, struct rtmp_event *out)
{
	if (!r->has_event)
		return false;
	*out = r->event;
	r->has_event = false;
	next_tag(r);
	return true;
}
