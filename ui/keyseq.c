#include "ui/keyseq.h"

#include "ui/canvas.h"

#include <stdlib.h>
#include <string.h>

static const struct {
	const char *bytes;
	int key;
} usual[] = {
	{"\033[0n", K_ANSWER},
	{"\033[A", K_UP}, {"\033OA", K_UP},
	{"\033[B", K_DOWN}, {"\033OB", K_DOWN},
	{"\033[C", K_RIGHT}, {"\033OC", K_RIGHT},
	{"\033[D", K_LEFT}, {"\033OD", K_LEFT},
	{"\033[H", K_HOME}, {"\033OH", K_HOME}, {"\033[1~", K_HOME},
	{"\033[7~", K_HOME},
	{"\033[F", K_END}, {"\033OF", K_END}, {"\033[4~", K_END},
	{"\033[8~", K_END},
	{"\033[3~", K_DELETE}, {"\033[5~", K_PAGE_UP}, {"\033[6~", K_PAGE_DOWN},
	{"\033[Z", K_BACK_TAB},
	{"\033OP", K_F1}, {"\033[11~", K_F1}, {"\033[[A", K_F1},
	{"\033OQ", K_F2}, {"\033[12~", K_F2}, {"\033[[B", K_F2},
	{"\033OR", K_F3}, {"\033[13~", K_F3}, {"\033[[C", K_F3},
	{"\033OM", K_ENTER},
};

void keyseq_learn(struct keyseq *k, const char *sequence, int key)
{
	size_t n = sequence ? strlen(sequence) : 0;

	if (n < 2 || n >= KEYSEQ_BYTES || *sequence != '\033' ||
		k->learnt_n == KEYSEQ_LEARNT)
		return;
	memcpy(k->learnt[k->learnt_n].bytes, sequence, n + 1);
	k->learnt[k->learnt_n++].key = key;
}

bool keyseq_is_begun(const struct keyseq *k)
{
	return k->begun_n > 0;
}

int keyseq_expire(struct keyseq *k)
{
	bool escape = k->begun_n == 1 && k->begun[0] == '\033';

	k->begun_n = 0;
	return escape ? K_ESCAPE : K_NONE;
}

/* What is begun, in one table: its key, or whether it leads to one. */
static int look(const struct keyseq *k, const char *bytes, int key, bool *leads)
{
	if (strncmp(bytes, k->begun, k->begun_n) != 0)
		return K_NONE;
	if (!bytes[k->begun_n])
		return key;
	*leads = true;
	return K_NONE;
}

static int look_up(const struct keyseq *k, bool *leads)
{
	int key = K_NONE;

	for (size_t i = 0; !key && i < k->learnt_n; i++)
		key = look(k, k->learnt[i].bytes, k->learnt[i].key, leads);
	for (size_t i = 0; !key && i < ARRAY_SIZE(usual); i++)
		key = look(k, usual[i].bytes, usual[i].key, leads);
	return key;
}

/* ECMA-48: ESC [ or ESC O, parameters, and one letter that ends it. */
static bool is_open(const struct keyseq *k, char last)
{
	if (k->begun_n < 2 || (k->begun[1] != '[' && k->begun[1] != 'O'))
		return false;
	return k->begun_n == 2 || (last >= 0x20 && last < 0x40);
}

/* "ESC [ < button ; x ; y M": what the mouse did, as xterm's mode 1006 tells it;
 * an 'm' at the end is a button let go, which is nothing to anybody. */
static int mouse_of(const struct keyseq *k)
{
	unsigned long v[3];
	const char *at = k->begun + 3;
	char *end;

	if (k->begun_n < 9 || strncmp(k->begun, "\033[<", 3) || k->begun[k->begun_n - 1] != 'M')
		return K_NONE;
	for (size_t i = 0; i < 3; i++) {
		if (*at < '0' || *at > '9')
			return K_NONE;
		v[i] = strtoul(at, &end, 10);
		if (v[i] > 4095 || *end != (i < 2 ? ';' : 'M'))
			return K_NONE;
		at = end + 1;
	}
	if (!v[1] || !v[2])
		return K_NONE;
	/* Without Shift, Meta and Control. */
	switch (v[0] & ~28ul) {
	case 0:
		return K_MOUSE(MOUSE_CLICK, (int)v[1] - 1, (int)v[2] - 1);
	case 64:
		return K_MOUSE(MOUSE_WHEEL_UP, (int)v[1] - 1, (int)v[2] - 1);
	case 65:
		return K_MOUSE(MOUSE_WHEEL_DOWN, (int)v[1] - 1, (int)v[2] - 1);
	}
	return K_NONE;
}

/* A byte with nothing before it: 0 or 1 keys. */
static size_t feed_first(struct keyseq *k, char byte, int *out)
{
	uint8_t b = (uint8_t)byte;

	k->begun_n = 0;
	if (b == 0x1b || (b >= 0xc2 && b < 0xf5)) {
		k->begun[k->begun_n++] = byte;
		return 0;
	}
	if (!b || b >= 0x80)
		return 0;
	*out = b == '\n' ? K_ENTER : b == '\b' ? K_BACKSPACE : b;
	return 1;
}

static size_t feed_sequence(struct keyseq *k, char byte, int out[KEYSEQ_OUT])
{
	bool leads = false;
	size_t n = 0;
	int key;

	if (byte < 0x20 || byte == 0x7f) { /* no part of one: it begins anew */
		key = keyseq_expire(k);
		if (key)
			out[n++] = key;
		return n + feed_first(k, byte, out + n);
	}
	if (k->begun_n < KEYSEQ_BYTES - 1)
		k->begun[k->begun_n++] = byte;
	else if (byte < 0x40)
		return 0; /* too long for any key; to its end, nevertheless */
	k->begun[k->begun_n] = '\0';
	key = look_up(k, &leads);
	if (!key)
		key = mouse_of(k);
	if (!key && (leads || is_open(k, byte)))
		return 0;
	if (key) {
		out[n++] = key;
	} else if (k->begun_n == 2 && !is_open(k, byte)) {
		out[n++] = K_ESCAPE; /* Alt and a key, or Esc and then a key */
		return n + feed_first(k, byte, out + n);
	}
	k->begun_n = 0;
	return n;
}

static size_t feed_utf8(struct keyseq *k, char byte, int *out)
{
	const char *at = k->begun;
	uint8_t first = (uint8_t)k->begun[0];
	size_t want = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
	uint32_t ch;

	if (((uint8_t)byte & 0xc0) != 0x80) {
		return feed_first(k, byte, out);
	}
	k->begun[k->begun_n++] = byte;
	if (k->begun_n < want)
		return 0;
	k->begun[k->begun_n] = '\0';
	k->begun_n = 0;
	ch = utf8_next(&at);
	if (ch == '?')
		return 0;
	*out = (int)ch;
	return 1;
}

size_t keyseq_feed(struct keyseq *k, char byte, int out[KEYSEQ_OUT])
{
	if (!k->begun_n)
		return feed_first(k, byte, out);
	return k->begun[0] == '\033' ? feed_sequence(k, byte, out)
				     : feed_utf8(k, byte, out);
}
