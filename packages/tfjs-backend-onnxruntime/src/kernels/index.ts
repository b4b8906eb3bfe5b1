import './activation.ts';
import './binary.ts';
import './cast-fill.ts';
import './matmul.ts';
import './reduce.ts';
import './unary.ts';
import './views.ts';
