#ifndef UI_COMMAND_FORM_H
#define UI_COMMAND_FORM_H
/* A form for any command of proto/commands.def: a field for each argument, with
 * the argument's own help and checks. When it is done it is that command's line,
 * of what must be there and what was changed. Pure. */
#include "proto/command.h"
#include "ui/form.h"

/* What the form knows of an argument beforehand; NULL: nothing. */
struct seed {
	const char *arg;
	const char *value;  /* stands there to begin with */
	const char *most;   /* an amount that can be had in shares */
	const char *bounds; /* "at most <most>" when NULL */
	bool fixed;	    /* what the command is about: said, and not to be changed */
	const char *words;  /* "a|b": what is offered of a text */
};

#define SEED(arg, value, most) {arg, value, most, NULL, false, NULL}
#define SEED_FIXED(arg, value) {arg, value, NULL, NULL, true, NULL}
#define SEED_OFFER(arg, value, words) {arg, value, NULL, NULL, false, words}

struct form *command_form(enum command_id id, const struct seed *seeds, size_t n);
/* The same as what a room answers a key with. */
#define FORM_INTENT(id, ...) \
	intent_form(command_form(id, (const struct seed[]){__VA_ARGS__}, \
		sizeof((const struct seed[]){__VA_ARGS__}) / sizeof(struct seed)))
#endif
