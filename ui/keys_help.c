#include "ui/keys_help.h"

#include <string.h>

#include "src/model/man.h"
#include "ui/keys.h"
#include "ui/words.h"

#define WORD_W 18 /* a word and its argument */

static void names(const struct action_def *d, struct str *out)
{
	for (size_t k = 0; k < ACTION_KEYS_MAX && d->keys[k]; k++) {
		str_add(out, k ? ", " : "");
		key_text(d->keys[k], out);
	}
}

static bool is_of(enum action a, enum context c)
{
	return action_def(a)->context == c;
}

static bool has_any(enum context c)
{
	for (enum action a = 0; a < ACTION_COUNT; a++)
		if (is_of(a, c))
			return true;
	return false;
}

void keys_help(struct str *out)
{
	struct str keys = STR_INIT;

	for (enum context c = 0; c < CONTEXT_COUNT; c++) {
		if (has_any(c))
			str_printf(out, "\nKeys of the console: %s\n", context_title(c));
		for (enum action a = 0; a < ACTION_COUNT; a++) {
			if (!is_of(a, c))
				continue;
			str_truncate(&keys, 0);
			names(action_def(a), &keys);
			str_printf(out, "  %-14s %s\n", str_cstr(&keys),
				action_def(a)->help);
		}
	}
	str_add(out, "\nWords of the console's ':' line, beside the commands:\n");
	for (enum word w = 0; w < WORD_COUNT; w++)
		str_printf(out, "  %s%s%-*s %s\n", word_def(w)->name,
			*word_def(w)->argument ? " " : "", WORD_W - (int)strlen(word_def(w)->name),
			word_def(w)->argument, word_def(w)->help);
	str_clear(&keys);
}

void keys_man(struct str *out)
{
	struct str keys = STR_INIT;

	str_add(out, ".SH CONSOLE\nDigits and Tab change the room, ? shows the keys that "
		     "work where one is, : takes commands. Closing it, or losing the "
		     "terminal, leaves the node at work.\n");
	for (enum context c = 0; c < CONTEXT_COUNT; c++) {
		if (has_any(c))
			str_printf(out, ".SS Keys: %s\n", context_title(c));
		for (enum action a = 0; a < ACTION_COUNT; a++) {
			if (!is_of(a, c))
				continue;
			str_truncate(&keys, 0);
			names(action_def(a), &keys);
			str_add(out, ".TP\n.B ");
			man_text(out, str_cstr(&keys));
			str_addc(out, '\n');
			man_text(out, action_def(a)->help);
			str_addc(out, '\n');
		}
	}
	str_add(out, ".SS Words of the : line, beside the commands\n");
	for (enum word w = 0; w < WORD_COUNT; w++) {
		str_add(out, ".TP\n.B ");
		man_text(out, word_def(w)->name);
		str_addc(out, ' ');
		man_text(out, word_def(w)->argument);
		str_addc(out, '\n');
		man_text(out, word_def(w)->help);
		str_addc(out, '\n');
	}
	str_clear(&keys);
}
