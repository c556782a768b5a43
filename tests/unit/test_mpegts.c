#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "proto/bytes.h"
#include "proto/mpegts.h"
#include "tests/unit/ts_reader.h"

static uint8_t sets[] = {0, 0, 0, 1, 0x67, 1, 2, 0, 0, 0, 1, 0x68, 3};
static const struct h264_config config = {
	.headers = sets, .size = sizeof(sets), .length_size = 4};
static const struct aac_config aac = {
	.object_type = 2, .rate_index = 4, .channel_config = 2,
	.sample_rate = 44100};

/* Payload of one PID's packets, PES headers and all, of one segment. */
static size_t payload(const struct str *ts, unsigned pid, uint8_t *out)
{
	size_t n = 0;

	for (size_t at = 0; at < ts->len; at += TS_PACKET) {
		const uint8_t *p = (const uint8_t *)ts->s + at;
		size_t skip = 4 + (p[3] & 0x20 ? 1 + (size_t)p[4] : 0);

		if ((get_be16(p + 1) & 0x1fff) != pid)
			continue;
		memcpy(out + n, p + skip, TS_PACKET - skip);
		n += TS_PACKET - skip;
	}
	return n;
}

/* PAT and PMT as FFmpeg 5.1 has them but for ids that are free to choose. */
static void test_tables(void **state)
{
	static const uint8_t pat[] = {0x47, 0x40, 0, 0x10, 0, 0, 0xb0, 0x0d, 0,
		1, 0xc1, 0, 0, 0, 1, 0xf0, 0, 0x2a, 0xb1, 0x04, 0xb2, 0xff};
	struct ts_reader *r = calloc(1, sizeof(*r));
	struct str out = STR_INIT;
	struct mpegts t = {0};

	(void)state;
	mpegts_program(&t, true, true);
	mpegts_tables(&t, &out);
	assert_int_equal(out.len, 2 * TS_PACKET);
	assert_memory_equal(out.s, pat, sizeof(pat));
	for (size_t at = 0; at < out.len; at += TS_PACKET)
		ts_packet(r, (const uint8_t *)out.s + at);
	assert_true(r->has_video && r->has_audio);
	assert_int_equal(r->version, 1);
	mpegts_program(&t, false, true);
	str_truncate(&out, 0);
	mpegts_tables(&t, &out);
	for (size_t at = 0; at < out.len; at += TS_PACKET)
		ts_packet(r, (const uint8_t *)out.s + at);
	assert_true(!r->has_video && r->has_audio);
	assert_int_equal(r->version, 2);
	str_clear(&out);
	free(r);
}

/* Every frame size around the packet boundaries comes back whole. */
static void test_sizes(void **state)
{
	struct ts_reader *r = calloc(1, sizeof(*r));
	uint8_t *nal = malloc(800), *back = malloc(4096);
	struct mpegts t = {0};
	struct str out = STR_INIT;

	(void)state;
	mpegts_program(&t, true, true);
	for (size_t size = 1; size <= 600; size++) {
		int64_t dts = 100000 + (int64_t)size * 3000;
		uint8_t header[ADTS_SIZE];
		bool key = size & 1;
		size_t n, at;

		str_truncate(&out, 0);
		mpegts_tables(&t, &out);
		put_be32(nal, (uint32_t)size);
		memset(nal + 4, (int)size | 1, size);
		nal[4] = 0x41;
		assert_true(mpegts_video(&t, &out, &config, nal, size + 4,
			dts + 3000, dts, key));
		n = payload(&out, 0x100, back);
		at = 19 + 6 + (key ? sizeof(sets) : 0);
		assert_int_equal(n, at + 3 + size);
		assert_int_equal(get_be16(back + 4), n - 6);
		if (key)
			assert_memory_equal(back + 25, sets, sizeof(sets));
		assert_memory_equal(back + at, "\0\0\1", 3);
		assert_memory_equal(back + at + 3, nal + 4, size);

		adts_encode(&aac, size, header);
		memcpy(nal, header, sizeof(header));
		mpegts_audio(&t, &out, nal, size + sizeof(header), dts);
		n = payload(&out, 0x101, back);
		assert_int_equal(n, 14 + sizeof(header) + size);
		for (at = 0; at < out.len; at += TS_PACKET) {
			r->fresh = false;
			ts_packet(r, (const uint8_t *)out.s + at);
		}
		assert_int_equal(r->video.dts, dts);
		assert_int_equal(r->video.pts, dts + 3000);
		assert_int_equal(r->pcr, dts - TS_PCR_LEAD);
		assert_int_equal(r->audio.pts, dts);
	}
	free(nal);
	free(back);
	str_clear(&out);
	free(r);
}

/* Delimiters of the source go, its own parameter sets stay alone. */
static void test_nal_units(void **state)
{
	static const uint8_t frame[] = {0, 0, 0, 2, 0x09, 0xf0, 0, 0, 0, 2,
		0x67, 9, 0, 0, 0, 3, 0x65, 7, 8, 0, 0, 0, 0};
	static const uint8_t want[] = {0, 0, 0, 1, 9, 0xf0, 0, 0, 1, 0x67, 9, 0,
		0, 1, 0x65, 7, 8};
	static const uint8_t outside[] = {0, 0, 0, 9, 0x65, 1};
	struct str out = STR_INIT;
	struct mpegts t = {.has_video = true};
	uint8_t back[TS_PACKET];

	(void)state;
	assert_true(mpegts_video(&t, &out, &config, frame, sizeof(frame),
		90000, 90000, true));
	assert_int_equal(payload(&out, 0x100, back), 14 + sizeof(want));
	assert_memory_equal(back + 14, want, sizeof(want));
	str_truncate(&out, 0);
	assert_false(mpegts_video(&t, &out, &config, outside, sizeof(outside),
		90000, 90000, true));
	assert_false(mpegts_video(&t, &out, &config, frame, 6, 90000, 90000,
		true));
	assert_false(mpegts_video(&t, &out, &config, frame, 7, 90000, 90000,
		true));
	assert_int_equal(out.len, 0);
	str_clear(&out);
}

/* Clocks are written modulo 2^33. */
static void test_wrap(void **state)
{
	static const uint8_t nal[] = {0, 0, 0, 1, 0x41};
	struct str out = STR_INIT;
	struct mpegts t = {.has_video = true};
	int64_t top = (int64_t)1 << 33;

	(void)state;
	assert_true(mpegts_video(&t, &out, &config, nal, sizeof(nal), top + 5,
		top - 1, false));
	/* The last bytes are pts, dts, delimiter, start code and NAL unit. */
	assert_int_equal(ts_time((uint8_t *)out.s + out.len - 20), 5);
	assert_int_equal(ts_time((uint8_t *)out.s + out.len - 15), top - 1);
	str_clear(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tables),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_nal_units),
		cmocka_unit_test(test_wrap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
