/** More lives of a box in the simulated world, see `world.test.ts`. */
import { testLives } from './world/lives.ts';

testLives(2);
