import 'yargs'
