#ifndef TESTS_UNIT_TS_READER_H
#define TESTS_UNIT_TS_READER_H
/* Reads MPEG-TS strictly and counts; asserts what every stream must hold. A
 * reader kept over several segments checks that they fit end to end. */
#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct ts_pid {
	bool seen;
	uint8_t counter;
	unsigned units; /* PES packets */
	unsigned keys;	/* with the random access bit */
	int64_t pts, dts, first_pts;
	size_t bytes; /* of payload, PES headers too */
};
struct ts_reader {
	struct ts_pid pat, pmt, video, audio;
	bool has_video, has_audio; /* says the PMT */
	unsigned version;
	unsigned packets;
	int64_t pcr;
	unsigned adts_frames;
	bool fresh; /* no video yet in this segment */
	size_t pes_size;
	uint8_t pes[1 << 16]; /* the audio PES packet at hand */
};

static inline uint32_t ts_crc(const uint8_t *p, size_t n)
{
	uint32_t crc = 0xffffffff;

	for (; n; n--, p++) {
		for (int bit = 7; bit >= 0; bit--) {
			bool top = (crc >> 31) ^ (*p >> bit & 1);

			crc = crc << 1 ^ (top ? 0x04c11db7 : 0);
		}
	}
	return crc; /* 0 over a section with its CRC */
}

static inline int64_t ts_time(const uint8_t *p)
{
	assert((p[0] & 1) && (p[2] & 1) && (p[4] & 1));
	return (int64_t)(p[0] >> 1 & 7) << 30 | (int64_t)p[1] << 22 |
	       (int64_t)(p[2] >> 1) << 15 | p[3] << 7 | p[4] >> 1;
}

/* b isn't before a, on a clock of 33 bits. */
static inline bool ts_after(int64_t a, int64_t b)
{
	return ((b - a) & 0x1ffffffff) < 0x100000000;
}

static inline void ts_section(struct ts_reader *r, struct ts_pid *pid,
	const uint8_t *p, size_t n)
{
	size_t size;

	assert(p[0] == 0);
	p++, n--;
	size = 3 + ((p[1] & 0xf) << 8 | p[2]);
	assert(size <= n && ts_crc(p, size) == 0);
	if (pid == &r->pat) {
		assert(p[0] == 0 && (p[10] & 0x1f) == 0x10 && p[11] == 0);
		return;
	}
	assert(p[0] == 2);
	r->version = p[5] >> 1 & 0x1f;
	r->has_video = r->has_audio = false;
	for (size_t at = 12; at + 4 < size; at += 5) {
		r->has_video |= p[at] == 0x1b;
		r->has_audio |= p[at] == 0x0f;
	}
	/* The clock is on a stream that exists. */
	assert(p[9] == (r->has_video ? 0 : 1));
}

/* Frames of ADTS fill a PES packet exactly. */
static inline void ts_adts(struct ts_reader *r)
{
	const uint8_t *p = r->pes;
	size_t left = r->pes_size;

	while (left) {
		size_t size;

		assert(left >= 7 && p[0] == 0xff && (p[1] & 0xf6) == 0xf0);
		size = (p[3] & 3) << 11 | p[4] << 3 | p[5] >> 5;
		assert(size >= 7 && size <= left);
		p += size;
		left -= size;
		r->adts_frames++;
	}
	r->pes_size = 0;
}

static inline size_t ts_pes(struct ts_reader *r, struct ts_pid *pid,
	const uint8_t *p, size_t n, bool key)
{
	static const uint8_t aud[] = {0, 0, 0, 1, 9};
	size_t header = 9 + (size_t)p[8];
	int64_t was = pid->dts;

	assert(n >= 14 && p[0] == 0 && p[1] == 0 && p[2] == 1);
	assert(p[7] == 0x80 || p[7] == 0xc0);
	pid->pts = pid->dts = ts_time(p + 9);
	if (p[7] == 0xc0)
		pid->dts = ts_time(p + 14);
	assert(ts_after(pid->dts, pid->pts));
	assert(!pid->units || was < 0 ||
		(pid->dts != was && ts_after(was, pid->dts)));
	if (!pid->units++)
		pid->first_pts = pid->pts;
	pid->keys += key;
	if (pid == &r->audio) {
		ts_adts(r);
	} else {
		assert(key || !r->fresh);
		r->fresh = false;
		assert(!memcmp(p + header, aud, sizeof(aud)));
		assert(ts_after(r->pcr, pid->dts));
	}
	return header;
}

static inline void ts_packet(struct ts_reader *r, const uint8_t *p)
{
	unsigned id = (p[1] & 0x1f) << 8 | p[2];
	bool start = p[1] & 0x40, key = false;
	size_t at = 4;
	struct ts_pid *pid = NULL;

	assert(p[0] == 0x47 && (p[3] & 0xd0) == 0x10);
	switch (id) {
	case 0:
		pid = &r->pat;
		break;
	case 0x1000:
		pid = &r->pmt;
		break;
	case 0x100:
		pid = &r->video;
		break;
	case 0x101:
		pid = &r->audio;
		break;
	}
	assert(pid);
	assert(!pid->seen || (p[3] & 0xf) == ((pid->counter + 1) & 0xf));
	pid->seen = true;
	pid->counter = p[3] & 0xf;
	if (p[3] & 0x20) {
		assert(p[4] <= 182);
		at += 1 + (size_t)p[4];
		if (p[4]) {
			key = p[5] & 0x40;
			if (p[5] & 0x10)
				r->pcr = (int64_t)p[6] << 25 | p[7] << 17 |
					 p[8] << 9 | p[9] << 1 | p[10] >> 7;
		}
	}
	if (pid == &r->pat || pid == &r->pmt) {
		assert(start);
		ts_section(r, pid, p + at, 188 - at);
		return;
	}
	pid->bytes += 188 - at;
	if (start)
		at += ts_pes(r, pid, p + at, 188 - at, key);
	if (pid == &r->audio) {
		assert(r->pes_size + 188 <= sizeof(r->pes));
		memcpy(r->pes + r->pes_size, p + at, 188 - at);
		r->pes_size += 188 - at;
	}
}

/* What follows has another clock. */
static inline void ts_jump(struct ts_reader *r)
{
	r->video.dts = r->audio.dts = -1;
}

/* One segment: it starts with the tables and, with video, a key frame. */
static inline void ts_read(struct ts_reader *r, const uint8_t *p, size_t n)
{
	assert(n % 188 == 0 && n >= 3 * 188);
	assert(p[1] == 0x40 && p[2] == 0 && p[189] == 0x50 && p[190] == 0);
	r->fresh = true;
	for (size_t at = 0; at < n; at += 188, r->packets++)
		ts_packet(r, p + at);
	ts_adts(r);
}
#endif
