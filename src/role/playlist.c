#include "src/role/playlist.h"

#include <string.h>

#include "proto/m3u8.h"

static void drop_oldest(struct playlist *p)
{
	p->discontinuities += p->e[0].discontinuity;
	p->dropped++;
	p->n--;
	memmove(&p->e[0], &p->e[1], p->n * sizeof(p->e[0]));
}

bool playlist_add(struct playlist *p, uint64_t seq, int32_t duration_ms,
	bool discontinuity)
{
	size_t at = p->n;

	while (at && p->e[at - 1].seq > seq)
		at--;
	if (at && p->e[at - 1].seq == seq)
		return false;
	/* Behind everything in a window that has moved on: players are past. */
	if (!at && (p->dropped || p->n == PLAYLIST_WINDOW))
		return false;
	if (p->n == PLAYLIST_WINDOW) {
		drop_oldest(p);
		at--;
	}
	memmove(&p->e[at + 1], &p->e[at], (p->n - at) * sizeof(p->e[0]));
	p->e[at] = (struct playlist_entry){seq, duration_ms, discontinuity};
	p->n++;
	if (duration_ms > p->target_ms)
		p->target_ms = duration_ms;
	return true;
}

void playlist_write(const struct playlist *p, const char *manifest,
	const char *rendition, enum container c, bool ended, struct str *out)
{
	struct m3u8_media m = {
		.manifest = manifest,
		.rendition = rendition,
		.media_sequence = p->dropped,
		.discontinuity_sequence = p->discontinuities,
		.target_ms = p->target_ms,
		.ended = ended,
	};
	struct m3u8_segment s[PLAYLIST_WINDOW];

	for (size_t i = 0; i < p->n; i++)
		s[i] = (struct m3u8_segment){p->e[i].seq, p->e[i].duration_ms,
			p->e[i].discontinuity, container_ext(c)};
	m3u8_write_media(out, &m, s, p->n);
}
