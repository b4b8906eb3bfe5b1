import { drawPlots } from './draw-plots.ts';
import { sortTables } from './sort-tables.ts';

sortTables();
drawPlots();
