import { App } from "cdktf";
// The stacks are generated into cdktf.out, for eu-west-3 and account 121212121212.
const app = new App();
app.synth();
