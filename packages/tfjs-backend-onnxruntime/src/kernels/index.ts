import './unary.ts';
import './views.ts';
