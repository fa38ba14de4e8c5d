// Before any component is made: what every function has unless it says otherwise.
$transform(sst.aws.Function, (args) => {
  args.runtime ??= "nodejs24.x";
  args.architecture ??= "arm64";
});
