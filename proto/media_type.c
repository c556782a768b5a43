#include "proto/multipart.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static bool is_token_char(char c)
{
	return isalnum((unsigned char)c) || (c && strchr("!#$%&'*+-.^_`|~", c));
}

static const char *skip_blanks(const char *s)
{
	return s + strspn(s, " \t");
}

/* type "/" subtype in lower case; returns what follows, NULL: malformed. */
static const char *take_type(char *out, size_t size, const char *s)
{
	size_t n = 0, slashes = 0;

	s = skip_blanks(s);
	for (; is_token_char(*s) || (*s == '/' && n && !slashes); s++) {
		slashes += *s == '/';
		if (n + 1 >= size)
			return NULL;
		out[n++] = (char)tolower((unsigned char)*s);
	}
	if (slashes != 1 || out[n - 1] == '/')
		return NULL;
	out[n] = '\0';
	s = skip_blanks(s);
	return *s && *s != ';' ? NULL : s;
}

bool media_type(char *out, size_t size, const char *content_type)
{
	return content_type && take_type(out, size, content_type);
}

/* token or "quoted"; returns what follows, NULL: malformed or too long. */
static const char *take_value(char *out, size_t size, const char *s)
{
	bool quoted = *s == '"';
	size_t n = 0;

	for (s += quoted; quoted ? *s && *s != '"' : is_token_char(*s); s++) {
		if (quoted && *s == '\\' && s[1])
			s++;
		if (n + 1 >= size)
			return NULL;
		out[n++] = *s;
	}
	out[n] = '\0';
	if (quoted)
		return *s == '"' ? s + 1 : NULL;
	return n ? s : NULL;
}

/* RFC 2046: at most 70 of these, no blank at the end. */
static bool is_boundary(const char *s)
{
	size_t n = strlen(s);

	if (!n || s[n - 1] == ' ')
		return false;
	for (; *s; s++) {
		if (!isalnum((unsigned char)*s) && !strchr("'()+_,-./:=? ", *s))
			return false;
	}
	return true;
}

bool multipart_boundary(char boundary[static BOUNDARY_SIZE],
	const char *content_type)
{
	char type[64], name[64], value[256];
	const char *s;

	s = content_type ? take_type(type, sizeof(type), content_type) : NULL;
	while (s && *s == ';') {
		s = skip_blanks(s + 1);
		if (!*s)
			break;
		s = take_value(name, sizeof(name), s);
		if (!s || *s != '=')
			return false;
		s = take_value(value, sizeof(value), s + 1);
		if (!s)
			return false;
		if (!strcasecmp(name, "boundary")) {
			if (strlen(value) >= BOUNDARY_SIZE ||
				!is_boundary(value))
				return false;
			memcpy(boundary, value, strlen(value) + 1);
			return true;
		}
		s = skip_blanks(s);
	}
	return false;
}
