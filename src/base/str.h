#ifndef SRC_BASE_STR_H
#define SRC_BASE_STR_H
/* A growable byte string, always NUL-terminated. Zero-initialise or
 * str_init(). One owner at a time. */
#include "src/base/mem.h"
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

struct str {
	char *s;    /* NULL only before the first addition */
	size_t len; /* without the NUL */
	size_t cap;
};

#define STR_INIT ((struct str){0})

void str_clear(struct str *s);	  /* frees; usable again */
void str_truncate(struct str *s, size_t len);
void str_reserve(struct str *s, size_t extra);
void str_add(struct str *s, const char *text);
void str_addn(struct str *s, const void *bytes, size_t n);
void str_addc(struct str *s, char c);
void str_printf(struct str *s, const char *fmt, ...) printf_like(2, 3);
void str_vprintf(struct str *s, const char *fmt, va_list ap);
/* Hands the buffer over (free() it); never NULL. */
char *str_take(struct str *s);
const char *str_cstr(const struct str *s); /* "" when empty */

/* Peers' text made safe for logs and terminals: control characters, invalid
 * UTF-8 and bidirectional overrides become \xNN; at most `max` input bytes are
 * looked at. */
void str_add_safe(struct str *s, const char *bytes, size_t n, size_t max);

/* A cell of CSV (RFC 4180), for spreadsheets too: what would be a formula and is
 * no plain number gets a ' before it. Safe as str_add_safe() makes it. */
void str_add_csv(struct str *s, const char *text);
void str_add_hex(struct str *s, const void *bytes, size_t n);
/* Decodes exactly `n` bytes from 2n hex digits (0x allowed before them). */
bool hex_decode(uint8_t *out, size_t n, const char *hex) must_check;
/* "%41" is "A"; false: malformed, a NUL, or longer than size - 1. */
bool percent_decode(char *out, size_t size, const char *in) must_check;
bool utf8_valid(const char *s, size_t n);
/* The length of the valid sequence at s (RFC 3629), or 0; s[0] is read. */
size_t utf8_decode(const char *s, size_t n, uint32_t *code);
/* C0, DEL, C1, and the characters that reorder or hide text on a terminal. */
bool text_is_unsafe(uint32_t code);

/* Decimal, whole string, no sign, no blanks; false when out of range. */
bool parse_u64(const char *s, uint64_t *out) must_check;
bool parse_i64(const char *s, int64_t *out) must_check;
bool str_has_prefix(const char *s, const char *prefix);
bool str_has_suffix(const char *s, const char *suffix);
#endif
