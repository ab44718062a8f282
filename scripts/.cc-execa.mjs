import 'execa'
