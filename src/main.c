/* weir: one binary. This file is the table of subcommands and nothing else. */
#include <stdio.h>

int main(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	puts("weir " WEIR_VERSION);
	return 0;
}
