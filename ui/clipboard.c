#include "ui/clipboard.h"

#include <string.h>

#include "proto/headers.h"

#define PIECE 512 /* well below screen's 768 */

enum multiplexer multiplexer_of(const char *term, const char *tmux, const char *sty)
{
	if ((tmux && *tmux) || (term && str_has_prefix(term, "tmux")))
		return MULTIPLEXER_TMUX;
	if ((sty && *sty) || (term && str_has_prefix(term, "screen")))
		return MULTIPLEXER_SCREEN;
	return MULTIPLEXER_NONE;
}

/* Each escape is doubled; the sequence has one, at its start. */
static void wrap_for_tmux(struct str *out, const struct str *plain)
{
	str_add(out, "\033Ptmux;\033");
	str_addn(out, plain->s, plain->len);
	str_add(out, "\033\\");
}

static void wrap_for_screen(struct str *out, const struct str *plain)
{
	for (size_t at = 0; at < plain->len; at += PIECE) {
		size_t left = plain->len - at;

		str_add(out, "\033P");
		str_addn(out, plain->s + at, left < PIECE ? left : PIECE);
		str_add(out, "\033\\");
	}
}

void clipboard_sequence(struct str *out, const char *text, enum multiplexer through)
{
	struct str plain = STR_INIT;

	str_add(&plain, "\033]52;c;");
	base64_encode(text, strlen(text), &plain);
	str_addc(&plain, '\a');
	if (through != MULTIPLEXER_SCREEN)
		str_addn(out, plain.s, plain.len);
	if (through == MULTIPLEXER_TMUX)
		wrap_for_tmux(out, &plain);
	if (through == MULTIPLEXER_SCREEN)
		wrap_for_screen(out, &plain);
	str_clear(&plain);
}
