#ifndef PROTO_COMMAND_VALUE_H
#define PROTO_COMMAND_VALUE_H
/* What one argument's text means; for command.c. Pure. */
#include "proto/command.h"

/* The error names command and argument, and says what was expected. */
struct err *command_value_parse(const struct command_def *d, size_t arg,
	const char *text, union command_value *out) must_check;
/* "12.5" and "LPT", given as two words, are one argument of this type. */
bool command_value_joins(enum command_arg_type type, const char *number,
	const char *unit);
#endif
