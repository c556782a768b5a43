/* weir: one binary. This file is the table of subcommands and nothing else. */
#include "src/media/pool.h"

#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "worker"))
		return worker_main(argc, argv);
	puts("weir " WEIR_VERSION);
	return 0;
}
