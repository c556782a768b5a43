#include "proto/rtmp_chunk.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "proto/bytes.h"
#include "src/base/str.h"

enum { SET_CHUNK_SIZE = 1, ABORT = 2 };

#define TIME_EXTENDED 0xffffffu
#define SIZE_MAX_24 0xffffffu
#define FIRST_CHUNK_SIZE 128

struct rtmp_chunk_stream {
	uint32_t id;
	uint32_t timestamp, delta;
	uint32_t size, stream;
	uint8_t type;
	bool extended;	/* its chunks carry the time in 4 more bytes */
	bool begun;	/* a message is incomplete */
	uint32_t got;
	uint8_t *bytes; /* cap of them */
	size_t cap;
};

/* A chunk's header as it stands in the bytes. */
struct head {
	unsigned format;
	uint32_t id;
	uint32_t time, size, stream;
	uint8_t type;
	bool extended;
	size_t bytes;
};

void rtmp_chunks_init(struct rtmp_chunks *c)
{
	*c = (struct rtmp_chunks){
		.chunk_size = FIRST_CHUNK_SIZE, .current = -1, .spent = -1};
}

void rtmp_chunks_clear(struct rtmp_chunks *c)
{
	for (unsigned i = 0; i < c->count; i++)
		free(c->streams[i].bytes);
	free(c->streams);
	rtmp_chunks_init(c);
}

static int find(const struct rtmp_chunks *c, uint32_t id)
{
	for (unsigned i = 0; i < c->count; i++) {
		if (c->streams[i].id == id)
			return (int)i;
	}
	return -1;
}

/* False: more bytes are needed. */
static bool parse_head(const struct rtmp_chunks *c, const uint8_t *p, size_t n,
	struct head *h)
{
	static const uint8_t sizes[] = {11, 7, 3, 0};
	size_t basic = 1, body;
	int known;

	if (!n)
		return false;
	h->format = p[0] >> 6;
	h->id = p[0] & 63;
	if (h->id < 2)
		basic += h->id + 1;
	body = basic + sizes[h->format];
	if (n < body)
		return false;
	if (basic == 2)
		h->id = 64 + p[1];
	else if (basic == 3)
		h->id = 64 + p[1] + ((uint32_t)p[2] << 8);
	p += basic;
	if (h->format < 3) {
		h->time = get_be24(p);
		h->extended = h->time == TIME_EXTENDED;
	} else {
		known = find(c, h->id);
		h->extended = known >= 0 && c->streams[known].extended;
	}
	if (h->format < 2) {
		h->size = get_be24(p + 3);
		h->type = p[6];
	}
	if (h->format < 1)
		h->stream = get_le32(p + 7);
	h->bytes = body + (h->extended ? 4 : 0);
	if (n < h->bytes)
		return false;
	if (h->extended)
		h->time = get_be32(p + sizes[h->format]);
	return true;
}

static void drop_buffer(struct rtmp_chunks *c, struct rtmp_chunk_stream *s)
{
	c->held -= s->cap;
	s->cap = 0;
	free(TAKE(s->bytes));
}

static struct err *add_stream(struct rtmp_chunks *c, uint32_t id)
{
	if (c->count == RTMP_STREAMS_MAX)
		return err_new(ERR_LIMIT, "more than %d chunk streams",
			RTMP_STREAMS_MAX);
	c->streams = xrealloc_array(c->streams, c->count + 1,
		sizeof(*c->streams));
	c->streams[c->count++] = (struct rtmp_chunk_stream){.id = id};
	return NULL;
}

static struct err *begin_message(struct rtmp_chunks *c,
	struct rtmp_chunk_stream *s, const struct head *h)
{
	/* A bare header repeats the delta, in full where it is extended. */
	if (h->format < 3 || h->extended)
		s->delta = h->time;
	s->extended = h->extended;
	if (h->format == 0)
		s->timestamp = 0;
	s->timestamp += s->delta;
	if (h->format < 2) {
		s->size = h->size;
		s->type = h->type;
	}
	if (h->format < 1)
		s->stream = h->stream;
	if (s->size > c->message_max)
		return err_new(ERR_LIMIT, "a message of %u bytes", s->size);
	s->got = 0;
	s->begun = true;
	return NULL;
}

static struct err *on_head(struct rtmp_chunks *c, const struct head *h)
{
	struct rtmp_chunk_stream *s;
	struct err *e;
	int i = find(c, h->id);

	if (i < 0 && h->format != 0)
		return err_new(ERR_PROTOCOL,
			"chunk stream %u begins without a full header", h->id);
	if (i < 0) {
		if ((e = add_stream(c, h->id)))
			return e;
		i = (int)c->count - 1;
	}
	s = &c->streams[i];
	if (s->begun && h->format != 3)
		return err_new(ERR_PROTOCOL,
			"a message begins inside another on chunk stream %u",
			h->id);
	if (!s->begun && (e = begin_message(c, s, h)))
		return e;
	c->current = i;
	c->body_left = s->size - s->got;
	if (c->body_left > c->chunk_size)
		c->body_left = c->chunk_size;
	return NULL;
}

static struct err *grow(struct rtmp_chunks *c, struct rtmp_chunk_stream *s,
	size_t need)
{
	size_t cap = s->cap * 2;

	if (need <= s->cap)
		return NULL;
	if (cap < need)
		cap = need;
	if (cap > s->size)
		cap = s->size;
	if (c->held - s->cap + cap > c->held_max)
		return err_new(ERR_LIMIT, "too many unfinished messages");
	c->held += cap - s->cap;
	s->bytes = xrealloc(s->bytes, cap);
	s->cap = cap;
	return NULL;
}

/* Messages about the chunks themselves. True: it was one. */
static bool is_control(const struct rtmp_message *m)
{
	return m->type == SET_CHUNK_SIZE || m->type == ABORT;
}

static struct err *obey(struct rtmp_chunks *c, const struct rtmp_message *m)
{
	uint32_t value;
	int i;

	if (m->size < 4)
		return err_new(ERR_PROTOCOL, "short control message");
	value = get_be32(m->data) & 0x7fffffff;
	if (m->type == ABORT) {
		i = find(c, value);
		if (i >= 0)
			c->streams[i].begun = false;
		return NULL;
	}
	if (!value)
		return err_new(ERR_PROTOCOL, "chunk size 0");
	/* No message is longer, so a bigger chunk means the same. */
	c->chunk_size = value < SIZE_MAX_24 ? value : SIZE_MAX_24;
	return NULL;
}

/* Takes part of a chunk's body; returns how much in *used. */
static struct err *on_body(struct rtmp_chunks *c, const uint8_t *bytes,
	size_t n, size_t *used, struct rtmp_message *out, bool *done)
{
	struct rtmp_chunk_stream *s = &c->streams[c->current];
	size_t part = n < c->body_left ? n : c->body_left;
	const uint8_t *data = bytes;
	struct err *e;

	if (part < s->size) {
		if ((e = grow(c, s, s->got + part)))
			return e;
		if (part)
			memcpy(s->bytes + s->got, bytes, part);
		data = s->bytes;
	}
	s->got += (uint32_t)part;
	c->body_left -= (uint32_t)part;
	*used = part;
	if (s->got == s->size) {
		*out = (struct rtmp_message){.type = s->type,
			.timestamp = s->timestamp, .stream = s->stream,
			.data = data, .size = s->size};
		*done = true;
		s->begun = false;
		c->spent = c->current;
	}
	if (!c->body_left)
		c->current = -1;
	return NULL;
}

/* Finds the next header at `bytes`, with what was left of it before. */
static bool next_head(struct rtmp_chunks *c, const uint8_t *bytes, size_t n,
	size_t *used, struct head *h)
{
	size_t had = c->head_size, add = sizeof(c->head) - had;

	if (!had && parse_head(c, bytes, n, h)) {
		*used = h->bytes;
		return true;
	}
	if (add > n)
		add = n;
	memcpy(c->head + had, bytes, add);
	if (parse_head(c, c->head, had + add, h)) {
		*used = h->bytes - had;
		c->head_size = 0;
		return true;
	}
	c->head_size = had + add;
	*used = add;
	return false;
}

struct err *rtmp_chunks_feed(struct rtmp_chunks *c, const uint8_t *bytes,
	size_t n, size_t *used, struct rtmp_message *out, bool *done)
{
	struct err *e = NULL;
	size_t part = 0;

	*used = 0;
	*done = false;
	if (c->spent >= 0 && c->streams[c->spent].cap > c->keep_max)
		drop_buffer(c, &c->streams[c->spent]);
	c->spent = -1;
	while (!e && !*done && *used < n) {
		const uint8_t *at = bytes + *used;
		struct head h;

		if (c->current >= 0)
			e = on_body(c, at, n - *used, &part, out, done);
		else if (next_head(c, at, n - *used, &part, &h))
			e = on_head(c, &h);
		*used += part;
		/* A message of no bytes is complete with its header. */
		if (!e && c->current >= 0 && !c->body_left)
			e = on_body(c, at, 0, &part, out, done);
		if (!e && *done && is_control(out)) {
			e = obey(c, out);
			*done = false;
		}
	}
	return e;
}

void rtmp_chunk_put(struct str *out, unsigned chunk_stream, uint8_t type,
	uint32_t stream, const void *bytes, size_t n)
{
	uint8_t head[12] = {0};

	assert(chunk_stream >= 2 && chunk_stream < 64 && n < SIZE_MAX_24);
	head[0] = (uint8_t)chunk_stream;
	put_be24(head + 4, (uint32_t)n);
	head[7] = type;
	put_le32(head + 8, stream);
	str_addn(out, head, sizeof(head));
	str_addn(out, bytes, n);
}
