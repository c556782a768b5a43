#include "proto/m3u8.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

static void add_name(struct str *out, const char *name)
{
	for (const char *s = name; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c < 0x80 && (isalnum(c) || strchr("-._~+@:,=()", c)))
			str_addc(out, (char)c);
		else
			str_printf(out, "%%%02X", c);
	}
}

static void add_begin(struct str *out)
{
	str_add(out, "#EXTM3U\n#EXT-X-VERSION:3\n");
}

void m3u8_write_master(struct str *out, const struct m3u8_variant *v, size_t n)
{
	add_begin(out);
	for (size_t i = 0; i < n; i++) {
		str_printf(out, "#EXT-X-STREAM-INF:PROGRAM-ID=0,BANDWIDTH=%"
			PRId32, v[i].bitrate);
		if (v[i].width > 0 && v[i].height > 0)
			str_printf(out, ",RESOLUTION=%" PRId32 "x%" PRId32,
				v[i].width, v[i].height);
		str_addc(out, '\n');
		add_name(out, v[i].manifest);
		str_addc(out, '/');
		add_name(out, v[i].rendition);
		str_add(out, ".m3u8\n");
	}
}

void m3u8_write_media(struct str *out, const struct m3u8_media *m,
	const struct m3u8_segment *s, size_t n)
{
	add_begin(out);
	str_printf(out, "#EXT-X-MEDIA-SEQUENCE:%" PRIu64 "\n",
		m->media_sequence);
	if (m->discontinuity_sequence)
		str_printf(out, "#EXT-X-DISCONTINUITY-SEQUENCE:%" PRIu64 "\n",
			m->discontinuity_sequence);
	str_printf(out, "#EXT-X-TARGETDURATION:%d\n",
		m->target_ms / 1000 + (m->target_ms % 1000 > 0));
	for (size_t i = 0; i < n; i++) {
		if (s[i].discontinuity)
			str_add(out, "#EXT-X-DISCONTINUITY\n");
		str_printf(out, "#EXTINF:%d.%03d,\n/stream/",
			s[i].duration_ms / 1000, s[i].duration_ms % 1000);
		add_name(out, m->manifest);
		str_addc(out, '/');
		add_name(out, m->rendition);
		str_printf(out, "/%" PRIu64 "%s\n", s[i].seq, s[i].ext);
	}
	if (m->ended)
		str_add(out, "#EXT-X-ENDLIST\n");
}
