/* Many RTMP publishers in one thread, cheap enough to stand beside the node
 * that it measures: the clip's tags are cut into chunks once, and what differs
 * between publishers and rounds of the clip - the time stamp - is patched into
 * the shared bytes just before they are sent. One send() per tag, as encoders
 * do it; each tag when its time has come.
 *
 *	rtmp_load HOST PORT CLIP.flv PUBLISHERS SECONDS
 *
 * The clip is repeated; it must begin with a key frame and last a whole number
 * of seconds. Publisher i is stream "load<i>". They begin spread over two
 * seconds, so that their key frames don't come at once. Prints one line "live"
 * when all publish and one JSON object at the end. Source: Adobe "RTMP
 * Specification 1.0" 5.2 and 5.3, FLV 10.1 E.4. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "proto/amf0.h"
#include "proto/bytes.h"
#include "src/base/clock.h"
#include "src/base/str.h"

#define HANDSHAKE 1536
#define CHUNK 4096 /* as OBS Studio has it */
#define HEADER 12  /* basic header and message header, format 0 */
#define FLV_HEADER 13
#define TAG_HEADER 11
#define TAG_TRAILER 4
#define CLIP_MAX (32 << 20)
#define TICK_MS 5
#define SPREAD_MS 2000
#define HEARD_MAX 4096
#define GIVE_UP_MS 20000

struct tag {
	uint32_t ms;
	bool config; /* sent once, not with each round */
	bool key;
	struct str wire;
};

struct clip {
	struct tag *tags;
	size_t n;
	uint32_t round_ms;
	size_t round_bytes;
};

enum stage { CONNECTING, SHAKING, ASKING, LIVE, OVER };

struct publisher {
	int fd;
	unsigned number;
	enum stage stage;
	int64_t begin_ms; /* of its media, once live */
	size_t at;	  /* tag */
	size_t sent;	  /* bytes of it */
	uint32_t shift_ms; /* of this round */
	size_t heard_n;
	char heard[HEARD_MAX];
};

static struct clip clip;
static struct publisher *publishers;
static unsigned publishers_n;
static struct {
	unsigned live, failed;
	uint64_t bytes, keys, tags;
	int64_t late_ms;
} total;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* --- messages as chunks --- */

static void put_message(struct str *out, unsigned chunks, uint8_t type,
	uint32_t stream, uint32_t ms, const void *bytes, size_t n)
{
	uint8_t head[HEADER] = {(uint8_t)chunks};
	uint8_t more = (uint8_t)(0xc0 | chunks);

	put_be24(head + 1, ms);
	put_be24(head + 4, (uint32_t)n);
	head[7] = type;
	put_le32(head + 8, stream);
	str_addn(out, head, sizeof(head));
	for (size_t at = 0; at < n; at += CHUNK) {
		if (at)
			str_addn(out, &more, 1);
		str_addn(out, (const char *)bytes + at,
			n - at < CHUNK ? n - at : CHUNK);
	}
}

static void put_command(struct str *out, uint32_t stream, struct str *taken)
{
	put_message(out, 3, 20, stream, 0, taken->s, taken->len);
	str_clear(taken);
}

/* Everything a publisher says up to its media; only the last answer matters. */
static void put_greeting(struct str *out, const struct publisher *p)
{
	struct str s = STR_INIT;
	uint8_t size[4];
	char name[32];

	put_be32(size, CHUNK);
	put_message(out, 2, 1, 0, 0, size, sizeof(size));
	amf0_put_string(&s, "connect");
	amf0_put_number(&s, 1);
	amf0_put_object(&s);
	amf0_put_key(&s, "app");
	amf0_put_string(&s, "live");
	amf0_put_end(&s);
	put_command(out, 0, &s);
	amf0_put_string(&s, "createStream");
	amf0_put_number(&s, 2);
	amf0_put_null(&s);
	put_command(out, 0, &s);
	snprintf(name, sizeof(name), "load%u", p->number);
	amf0_put_string(&s, "publish");
	amf0_put_number(&s, 3);
	amf0_put_null(&s);
	amf0_put_string(&s, name);
	amf0_put_string(&s, "live");
	put_command(out, 1, &s);
}

static void put_farewell(struct str *out)
{
	struct str s = STR_INIT;

	amf0_put_string(&s, "deleteStream");
	amf0_put_number(&s, 4);
	amf0_put_null(&s);
	amf0_put_number(&s, 1);
	put_command(out, 0, &s);
}

/* --- the clip --- */

/* Belongs to each round of the clip, not just to the first. */
static bool is_repeated(const struct tag *t)
{
	return !t->config && t->ms < clip.round_ms;
}

/* A tag's size, or 0 at the end. */
static size_t tag_size(const uint8_t *p, size_t left)
{
	size_t n = left >= TAG_HEADER ? get_be24(p + 1) : 0;

	return left - TAG_HEADER >= n + TAG_TRAILER ? n : 0;
}

static void add_tag(const uint8_t *p, size_t n)
{
	const uint8_t *body = p + TAG_HEADER;
	struct tag *t;

	clip.tags = xrealloc_array(clip.tags, clip.n + 1, sizeof(*clip.tags));
	t = &clip.tags[clip.n++];
	*t = (struct tag){.ms = get_be24(p + 4)};
	/* onMetaData, and the sequence headers of AVC and AAC. */
	t->config = p[0] == 18 || !body[1];
	t->key = p[0] == 9 && body[0] >> 4 == 1 && body[1] == 1;
	put_message(&t->wire, p[0] == 9 ? 6 : 4, p[0], 1, 0, body, n);
}

static void load_clip(const char *path)
{
	static uint8_t bytes[CLIP_MAX];
	FILE *f = fopen(path, "rb");
	size_t n = f ? fread(bytes, 1, sizeof(bytes), f) : 0, size, first = 0;
	uint32_t first_ms;

	if (n < FLV_HEADER || n == sizeof(bytes))
		die(path);
	fclose(f);
	for (size_t at = FLV_HEADER; (size = tag_size(bytes + at, n - at)) > 1;
		at += TAG_HEADER + size + TAG_TRAILER)
		add_tag(bytes + at, size);
	while (first < clip.n && !clip.tags[first].key)
		first++;
	if (first == clip.n)
		die("no key frame");
	first_ms = clip.tags[first].ms;
	for (size_t i = 0; i < clip.n; i++) {
		struct tag *t = &clip.tags[i];

		t->ms = t->ms > first_ms ? t->ms - first_ms : 0;
		if (t->ms > clip.round_ms)
			clip.round_ms = t->ms;
	}
	/* The last tag begins within a frame of the end. */
	clip.round_ms = (clip.round_ms + 500) / 1000 * 1000;
	for (size_t i = 0; i < clip.n; i++) {
		if (is_repeated(&clip.tags[i]))
			clip.round_bytes += clip.tags[i].wire.len;
	}
}

/* --- one publisher --- */

static void end(struct publisher *p, bool failed)
{
	if (p->stage == OVER)
		return;
	if (p->stage == LIVE)
		total.live--;
	total.failed += failed;
	close(p->fd);
	p->stage = OVER;
}

/* Small enough for an empty socket buffer, or the peer is no good. */
static void say(struct publisher *p, struct str *taken)
{
	if (send(p->fd, taken->s, taken->len, MSG_NOSIGNAL) !=
		(ssize_t)taken->len)
		end(p, true);
	str_clear(taken);
}

static void on_connected(struct publisher *p)
{
	struct str s = STR_INIT;
	uint8_t hello[1 + HANDSHAKE] = {3};

	str_addn(&s, hello, sizeof(hello));
	p->stage = SHAKING;
	say(p, &s);
}

static void on_heard(struct publisher *p)
{
	static const char start[] = "NetStream.Publish.Start";
	struct str s = STR_INIT;

	if (p->stage == SHAKING && p->heard_n >= 1 + 2 * HANDSHAKE) {
		str_addn(&s, p->heard + 1, HANDSHAKE);
		put_greeting(&s, p);
		p->heard_n = 0;
		p->stage = ASKING;
		say(p, &s);
	} else if (p->stage == ASKING &&
		   memmem(p->heard, p->heard_n, start, sizeof(start) - 1)) {
		p->stage = LIVE;
		p->begin_ms = clock_mono_ms();
		total.live++;
	}
	if (p->stage == LIVE) /* acknowledgements */
		p->heard_n = 0;
}

static void on_readable(struct publisher *p)
{
	ssize_t n;

	while (p->stage != OVER) {
		if (p->heard_n == HEARD_MAX) {
			end(p, true);
			return;
		}
		n = recv(p->fd, p->heard + p->heard_n, HEARD_MAX - p->heard_n,
			0);
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0) {
			end(p, true);
			return;
		}
		p->heard_n += (size_t)n;
		on_heard(p);
	}
}

static void next_tag(struct publisher *p)
{
	p->sent = 0;
	do {
		if (++p->at == clip.n) {
			p->at = 0;
			p->shift_ms += clip.round_ms;
		}
	} while (!is_repeated(&clip.tags[p->at]) &&
		 (p->shift_ms || !clip.tags[p->at].config));
}

/* False: its time has not come, or the peer's buffer is full. */
static bool send_tag(struct publisher *p, int64_t now_ms)
{
	struct tag *t = &clip.tags[p->at];
	int64_t late_ms = now_ms - p->begin_ms - t->ms - p->shift_ms;
	ssize_t n;

	if (late_ms < 0)
		return false;
	put_be24((uint8_t *)t->wire.s + 1, t->ms + p->shift_ms);
	n = send(p->fd, t->wire.s + p->sent, t->wire.len - p->sent,
		MSG_NOSIGNAL);
	if (n < 0 && errno != EAGAIN)
		end(p, true);
	if (n < 0)
		return false;
	total.bytes += (uint64_t)n;
	p->sent += (size_t)n;
	if (p->sent < t->wire.len)
		return false;
	if (late_ms > total.late_ms)
		total.late_ms = late_ms;
	total.keys += t->key;
	total.tags++;
	next_tag(p);
	return true;
}

static void start(struct publisher *p, int epoll,
	const struct sockaddr_in *to)
{
	struct epoll_event ev = {.events = EPOLLIN | EPOLLOUT | EPOLLET,
		.data.ptr = p};
	int one = 1;

	p->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (p->fd < 0)
		die("socket");
	setsockopt(p->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (connect(p->fd, (const struct sockaddr *)to, sizeof(*to)) &&
		errno != EINPROGRESS)
		die("connect");
	if (epoll_ctl(epoll, EPOLL_CTL_ADD, p->fd, &ev))
		die("epoll_ctl");
}

static void on_event(const struct epoll_event *ev)
{
	struct publisher *p = ev->data.ptr;

	if (p->stage == CONNECTING && ev->events & EPOLLOUT)
		on_connected(p);
	if (ev->events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		on_readable(p);
}

/* --- all of them --- */

static int ticking(void)
{
	struct itimerspec every = {{0, TICK_MS * 1000000}, {0, 1}};
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);

	if (fd < 0 || timerfd_settime(fd, 0, &every, NULL))
		die("timerfd");
	return fd;
}

/* Until every publisher has published for so long. */
static void run(int epoll, const struct sockaddr_in *to, int64_t seconds)
{
	int timer = ticking();
	struct epoll_event ev[64] = {{.events = EPOLLIN}};
	int64_t began = clock_mono_ms(), end_ms = 0;
	unsigned started = 0;

	if (epoll_ctl(epoll, EPOLL_CTL_ADD, timer, ev))
		die("epoll_ctl");
	for (;;) {
		int n = epoll_wait(epoll, ev, 64, -1);
		int64_t now = clock_mono_ms();
		uint64_t ticks;

		for (int i = 0; i < n; i++) {
			if (ev[i].data.ptr)
				on_event(&ev[i]);
		}
		if (read(timer, &ticks, sizeof(ticks)) < 0)
			continue;
		while (started < publishers_n && now - began >=
				started * SPREAD_MS / publishers_n)
			start(&publishers[started++], epoll, to);
		for (unsigned i = 0; i < started; i++) {
			struct publisher *p = &publishers[i];

			while (p->stage == LIVE && send_tag(p, now))
				;
		}
		if (!end_ms && total.live + total.failed == publishers_n) {
			end_ms = now + seconds * 1000;
			puts("live");
			fflush(stdout);
		}
		if (end_ms ? now >= end_ms : now - began > GIVE_UP_MS)
			return;
	}
}

int main(int argc, char **argv)
{
	struct sockaddr_in to = {.sin_family = AF_INET};
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	uint64_t port, n, seconds;
	unsigned live;

	if (argc != 6 || !inet_aton(argv[1], &to.sin_addr) ||
		!parse_u64(argv[2], &port) || !parse_u64(argv[4], &n) ||
		!parse_u64(argv[5], &seconds) || n > 10000) {
		fputs("usage: rtmp_load HOST PORT CLIP.flv PUBLISHERS "
			"SECONDS\n", stderr);
		return 2;
	}
	to.sin_port = htons((uint16_t)port);
	load_clip(argv[3]);
	publishers_n = (unsigned)n;
	publishers = xcalloc(n, sizeof(*publishers));
	for (unsigned i = 0; i < publishers_n; i++)
		publishers[i].number = i;
	run(epoll, &to, (int64_t)seconds);
	live = total.live;
	for (unsigned i = 0; i < publishers_n; i++) {
		struct str s = STR_INIT;

		put_farewell(&s);
		if (publishers[i].stage == LIVE && !publishers[i].sent)
			say(&publishers[i], &s);
		str_clear(&s);
		end(&publishers[i], false);
	}
	printf("{\"live\": %u, \"failed\": %u, \"bytes\": %llu, "
		"\"key_frames\": %llu, \"tags\": %llu, \"late_ms\": %lld, "
		"\"bits_per_s\": %.0f}\n", live, total.failed,
		(unsigned long long)total.bytes,
		(unsigned long long)total.keys,
		(unsigned long long)total.tags, (long long)total.late_ms,
		clip.round_bytes * 8000.0 / clip.round_ms);
	return 0;
}
