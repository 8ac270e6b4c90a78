package com.example.demo;

import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Something of the application's own, which the gateway leaves alone. */
@RestController
class GreetingController {

    @GetMapping("/greeting")
    String greeting() {
        return "Hello";
    }
}
