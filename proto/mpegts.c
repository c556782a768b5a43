#include "proto/mpegts.h"

#include <assert.h>
#include <string.h>

#include "proto/bytes.h"

enum { PID_PAT = 0, PID_PMT = 0x1000, PID_VIDEO = 0x100, PID_AUDIO = 0x101 };
enum { TYPE_AAC_ADTS = 0x0f, TYPE_H264 = 0x1b };
enum { STREAM_VIDEO = 0xe0, STREAM_AUDIO = 0xc0 };

#define TS_HEADER 4
#define TS_BODY (TS_PACKET - TS_HEADER)
#define PROGRAM 1

/* --- tables --- */

/* CRC-32/MPEG-2, bitwise: two sections of 30 bytes per segment. */
static uint32_t crc32_mpeg(const uint8_t *p, size_t n)
{
	uint32_t crc = 0xffffffff;

	while (n--) {
		crc ^= (uint32_t)*p++ << 24;
		for (int i = 0; i < 8; i++)
			crc = crc << 1 ^ (crc >> 31 ? 0x04c11db7 : 0);
	}
	return crc;
}

static void put_header(uint8_t *p, unsigned pid, bool start, bool adaptation,
	uint8_t *counter)
{
	p[0] = 0x47;
	p[1] = (uint8_t)(start << 6 | pid >> 8);
	p[2] = (uint8_t)pid;
	p[3] = (uint8_t)(adaptation << 5 | 0x10 | *counter);
	*counter = (*counter + 1) & 0xf;
}

/* section: from table_id up to the CRC, section_length yet unset. */
static void put_section(struct str *out, unsigned pid, uint8_t *counter,
	uint8_t *section, size_t n)
{
	uint8_t packet[TS_PACKET];

	put_be16(section + 1, 0xb000 | (uint32_t)(n - 3 + 4));
	put_header(packet, pid, true, false, counter);
	packet[TS_HEADER] = 0; /* the section starts at once */
	memcpy(packet + TS_HEADER + 1, section, n);
	put_be32(packet + TS_HEADER + 1 + n, crc32_mpeg(section, n));
	n += TS_HEADER + 1 + 4;
	memset(packet + n, 0xff, sizeof(packet) - n);
	str_addn(out, packet, sizeof(packet));
}

static size_t put_stream(uint8_t *p, uint8_t type, unsigned pid)
{
	p[0] = type;
	put_be16(p + 1, 0xe000 | pid);
	put_be16(p + 3, 0xf000); /* no descriptors */
	return 5;
}

void mpegts_program(struct mpegts *t, bool has_video, bool has_audio)
{
	t->has_video = has_video;
	t->has_audio = has_audio;
	t->version = (t->version + 1) & 0x1f;
}

void mpegts_tables(struct mpegts *t, struct str *out)
{
	/* table_id, length, id, version and "current", section 0 of 0 */
	uint8_t pat[12] = {0x00, 0, 0, 0, PROGRAM, 0xc1, 0, 0, 0, PROGRAM};
	uint8_t pmt[22] = {0x02, 0, 0, 0, PROGRAM, 0xc1, 0, 0};
	size_t n = 12;

	put_be16(pat + 10, 0xe000 | PID_PMT);
	put_section(out, PID_PAT, &t->pat_counter, pat, sizeof(pat));

	pmt[5] = (uint8_t)(0xc1 | t->version << 1);
	put_be16(pmt + 8, 0xe000 | (t->has_video ? PID_VIDEO : PID_AUDIO));
	put_be16(pmt + 10, 0xf000);
	if (t->has_video)
		n += put_stream(pmt + n, TYPE_H264, PID_VIDEO);
	if (t->has_audio)
		n += put_stream(pmt + n, TYPE_AAC_ADTS, PID_AUDIO);
	put_section(out, PID_PMT, &t->pmt_counter, pmt, n);
}

/* --- PES --- */

/* A PES packet of a known size being cut into transport packets. */
struct pes {
	uint8_t *to;	/* where the next byte goes */
	size_t room;	/* left in this transport packet */
	size_t left;	/* of the PES packet, not yet written */
	unsigned pid;
	uint8_t *counter;
};

/* How many transport packets n bytes need when the first one has `extra`
 * bytes of adaptation field. */
static size_t packets_for(size_t n, size_t extra)
{
	return (n + extra + TS_BODY - 1) / TS_BODY;
}

/* Starts a transport packet; what the rest doesn't fill is stuffed in front,
 * in the adaptation field. field: its bytes from the flags on. */
static void start_packet(struct pes *p, bool first, const uint8_t *field,
	size_t n)
{
	uint8_t *to = p->to;
	size_t stuff = 0, used = n ? n + 1 : 0;

	if (p->left + used < TS_BODY)
		stuff = TS_BODY - used - p->left;
	put_header(to, p->pid, first, used || stuff, p->counter);
	to += TS_HEADER;
	if (used || stuff) {
		size_t size = used + stuff;

		*to = (uint8_t)(size - 1);
		if (n)
			memcpy(to + 1, field, n);
		else if (size > 1)
			to[n++ + 1] = 0; /* flags: nothing follows */
		if (size > 1)
			memset(to + 1 + n, 0xff, size - 1 - n);
		to += size;
		used = size;
	}
	p->to = to;
	p->room = TS_BODY - used;
}

static void pes_add(struct pes *p, const uint8_t *bytes, size_t n)
{
	while (n) {
		size_t part;

		if (!p->room)
			start_packet(p, false, NULL, 0);
		part = n < p->room ? n : p->room;
		memcpy(p->to, bytes, part);
		p->to += part;
		p->room -= part;
		p->left -= part;
		bytes += part;
		n -= part;
	}
}

static void put_pcr(uint8_t field[static 7], bool key, int64_t ticks)
{
	uint64_t base = (uint64_t)ticks & 0x1ffffffff;

	field[0] = key ? 0x50 : 0x10; /* random access; PCR */
	put_be32(field + 1, (uint32_t)(base >> 1));
	field[5] = (uint8_t)((base & 1) << 7 | 0x7e);
	field[6] = 0;
}

static void put_time(uint8_t *p, unsigned mark, int64_t ticks)
{
	uint64_t t = (uint64_t)ticks & 0x1ffffffff;

	p[0] = (uint8_t)(mark << 4 | (t >> 30 & 7) << 1 | 1);
	put_be16(p + 1, (uint32_t)(t >> 15 & 0x7fff) << 1 | 1);
	put_be16(p + 3, (uint32_t)(t & 0x7fff) << 1 | 1);
}

#define PES_HEADER_MAX 19

/* size: of the payload. */
static size_t put_pes_header(uint8_t h[static PES_HEADER_MAX], uint8_t stream,
	size_t size, int64_t pts, int64_t dts)
{
	bool both = pts != dts;
	size_t n = both ? PES_HEADER_MAX : PES_HEADER_MAX - 5;

	put_be24(h, 1);
	h[3] = stream;
	size += n - 6;
	/* 0 is allowed for video only, where frames outgrow 16 bits. */
	put_be16(h + 4, size > UINT16_MAX ? 0 : (uint32_t)size);
	h[6] = 0x84; /* aligned: a unit starts right after the header */
	h[7] = both ? 0xc0 : 0x80;
	h[8] = (uint8_t)(n - 9);
	put_time(h + 9, both ? 3 : 2, pts);
	if (both)
		put_time(h + 14, 1, dts);
	return n;
}

/* Opens a PES packet of n payload bytes at the end of out. */
static struct pes pes_open(struct str *out, unsigned pid, uint8_t *counter,
	const uint8_t *header, size_t header_size, size_t n,
	const uint8_t *field, size_t field_size)
{
	struct pes p = {.pid = pid, .counter = counter};
	size_t bytes;

	p.left = header_size + n;
	bytes = packets_for(p.left, field_size ? field_size + 1 : 0) *
		TS_PACKET;
	str_reserve(out, bytes);
	p.to = (uint8_t *)out->s + out->len;
	out->len += bytes;
	out->s[out->len] = '\0';
	start_packet(&p, true, field, field_size);
	pes_add(&p, header, header_size);
	return p;
}

static void pes_close(const struct pes *p, const struct str *out)
{
	assert(!p->left && !p->room);
	assert(p->to == (uint8_t *)out->s + out->len);
}

/* --- H.264 --- */

static const uint8_t delimiter[] = {0, 0, 0, 1, H264_NAL_AUD, 0xf0};
static const uint8_t start_code[] = {0, 0, 1};

/* The NAL unit at *at; false at the end, with *at == n unless malformed. */
static bool next_nal(const uint8_t *nals, size_t n, unsigned length_size,
	size_t *at, const uint8_t **nal, size_t *size)
{
	size_t len = 0;

	if (n - *at < length_size)
		return false;
	for (unsigned i = 0; i < length_size; i++)
		len = len << 8 | nals[*at + i];
	if (n - *at - length_size < len)
		return false;
	*nal = nals + *at + length_size;
	*size = len;
	*at += length_size + len;
	return true;
}

static bool is_kept(const uint8_t *nal, size_t size)
{
	return size && H264_NAL_TYPE(nal[0]) != H264_NAL_AUD;
}

bool mpegts_video(struct mpegts *t, struct str *out,
	const struct h264_config *config, const uint8_t *nals, size_t n,
	int64_t pts, int64_t dts, bool key)
{
	uint8_t header[PES_HEADER_MAX], field[7];
	size_t at = 0, size = 0, total = 0, header_size;
	bool own_sets = false;
	const uint8_t *nal;
	struct pes p;

	while (next_nal(nals, n, config->length_size, &at, &nal, &size)) {
		if (!is_kept(nal, size))
			continue;
		total += sizeof(start_code) + size;
		own_sets |= H264_NAL_TYPE(nal[0]) == H264_NAL_SPS;
	}
	if (at != n || !total)
		return false;
	total += sizeof(delimiter);
	own_sets |= !key;
	if (!own_sets)
		total += config->size;

	header_size = put_pes_header(header, STREAM_VIDEO, total, pts, dts);
	put_pcr(field, key, dts - TS_PCR_LEAD);
	p = pes_open(out, PID_VIDEO, &t->video_counter, header, header_size,
		total, field, sizeof(field));
	pes_add(&p, delimiter, sizeof(delimiter));
	if (!own_sets)
		pes_add(&p, config->headers, config->size);
	at = 0;
	while (next_nal(nals, n, config->length_size, &at, &nal, &size)) {
		if (!is_kept(nal, size))
			continue;
		pes_add(&p, start_code, sizeof(start_code));
		pes_add(&p, nal, size);
	}
	pes_close(&p, out);
	return true;
}

void mpegts_audio(struct mpegts *t, struct str *out, const uint8_t *adts,
	size_t n, int64_t pts)
{
	uint8_t header[PES_HEADER_MAX], field[7];
	size_t header_size, field_size = 0;
	struct pes p;

	assert(n && n <= TS_AUDIO_MAX);
	if (t->has_video) {
		/* Any frame can be decoded: flags alone, no clock. */
		field[field_size++] = 0x40;
	} else {
		put_pcr(field, true, pts - TS_PCR_LEAD);
		field_size = sizeof(field);
	}
	header_size = put_pes_header(header, STREAM_AUDIO, n, pts, pts);
	p = pes_open(out, PID_AUDIO, &t->audio_counter, header, header_size, n,
		field, field_size);
	pes_add(&p, adts, n);
	pes_close(&p, out);
}
